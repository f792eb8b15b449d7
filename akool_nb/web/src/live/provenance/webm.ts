// Tags in a WebM film. MediaRecorder writes a stream: EBML header, then one segment of unknown length. The Tags element
// becomes the first one in that segment; elements on its level may be in any order.
// https://www.rfc-editor.org/rfc/rfc9559.html#name-tags-element
import { ascii, joined } from "./bytes.ts";
import { CREATOR_TOOL, SOURCE_TYPE } from "./xmp.ts";

const SEGMENT = [0x18, 0x53, 0x80, 0x67];
const TAGS = [0x12, 0x54, 0xc3, 0x67];
const TAG = [0x73, 0x73];
const TARGETS = [0x63, 0xc0];
const SIMPLE_TAG = [0x67, 0xc8];
const TAG_NAME = [0x45, 0xa3];
const TAG_STRING = [0x44, 0x87];

/** The first piece of a film with the tags; anything else than such a piece stays as it is. */
export function withTags(piece: Uint8Array): Uint8Array {
  const at = startOfSegment(piece);
  if (at < 0) return piece;
  const named = [simpleTag("DIGITAL_SOURCE_TYPE", SOURCE_TYPE), simpleTag("ENCODER_SETTINGS", CREATOR_TOOL)];
  const tags = element(TAGS, element(TAG, element(TARGETS), ...named));
  return joined(piece.subarray(0, at), tags, piece.subarray(at));
}

/** Where the segment's content begins; -1 if there is none, or one of known length, which may not grow. */
function startOfSegment(piece: Uint8Array): number {
  for (let at = 0; at + 5 <= Math.min(piece.length, 200); at++) {
    if (!SEGMENT.every((byte, index) => piece[at + index] === byte)) continue;
    const length = 1 + Math.clz32(piece[at + 4] as number) - 24;
    const size = piece.subarray(at + 4, at + 4 + length);
    const unknown = size.every((byte, index) => byte === (index === 0 ? (0xff >> (length - 1)) & 0xff : 0xff));
    return unknown ? at + 4 + length : -1;
  }
  return -1;
}

function simpleTag(name: string, value: string): Uint8Array {
  return element(SIMPLE_TAG, element(TAG_NAME, ascii(name)), element(TAG_STRING, ascii(value)));
}

function element(id: number[], ...content: Uint8Array[]): Uint8Array {
  const body = joined(...content);
  return joined(Uint8Array.from(id), size(body.length), body);
}

/** A length as EBML writes it, in two bytes: enough for 16 kB. */
function size(length: number): Uint8Array {
  return Uint8Array.of(0x40 | (length >> 8), length & 0xff);
}
