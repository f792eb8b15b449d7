// XMP in a PNG: an iTXt chunk behind the header chunk.
// https://www.w3.org/TR/png-3/#11iTXt
import { ascii, joined, uint32 } from "./bytes.ts";
import { XMP } from "./xmp.ts";

/** The signature and the IHDR chunk, which comes first in every PNG. */
const HEADER = 8 + 25;

export function withXmp(png: Uint8Array): Uint8Array<ArrayBuffer> {
  // Keyword, not compressed, no language, no translated keyword.
  const data = joined(ascii("XML:com.adobe.xmp"), new Uint8Array(5), ascii(XMP));
  return joined(png.subarray(0, HEADER), chunk("iTXt", data), png.subarray(HEADER));
}

function chunk(kind: string, data: Uint8Array): Uint8Array {
  const body = joined(ascii(kind), data);
  return joined(uint32(data.length), body, uint32(crc32(body)));
}

/** https://www.w3.org/TR/png-3/#D-CRCAppendix */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
