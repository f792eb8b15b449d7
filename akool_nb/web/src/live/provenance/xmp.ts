// Machine-readable provenance: a picture made by a trained model, and nothing about persons, sessions or services.
// https://cv.iptc.org/newscodes/digitalsourcetype/

export const SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";
export const CREATOR_TOOL = "akool_nb";

export const XMP =
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ' +
  'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ' +
  `xmp:CreatorTool="${CREATOR_TOOL}" Iptc4xmpExt:DigitalSourceType="${SOURCE_TYPE}"/>` +
  '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>';
