// XMP in a JPEG: an APP1 segment behind the start of the file.
// https://developer.adobe.com/xmp/docs/XMPSpecifications/ (part 3)
import { ascii, joined } from "./bytes.ts";
import { XMP } from "./xmp.ts";

/** The SOI marker, with which every JPEG begins. */
const START = 2;

export function withXmp(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const data = joined(ascii("http://ns.adobe.com/xap/1.0/\0"), ascii(XMP));
  const length = data.length + 2;
  const marker = Uint8Array.of(0xff, 0xe1, length >> 8, length & 0xff);
  return joined(jpeg.subarray(0, START), marker, data, jpeg.subarray(START));
}
