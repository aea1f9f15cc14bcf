// Files, in the parts of up to 256 KiB that the node's tools hand over.

const partBytes = 256 * 1024;

/** Posts a file of the person's in a channel. */
export async function upload(client, channel, file, say) {
  let upload;
  for (let offset = 0; ; ) {
    const bytes = new Uint8Array(await file.slice(offset, offset + partBytes).arrayBuffer());
    const next = offset + bytes.length;
    const about = upload
      ? { upload_id: upload }
      : { filename: file.name, mime: file.type || undefined, size: file.size };
    const result = await client.call("upload_file", {
      ...about, channel, offset, data: encoded(bytes), last: next >= file.size,
    });
    if (next >= file.size) break;
    upload = result.upload_id;
    offset = next;
    say(`Sending ${file.name}: ${Math.floor((offset / file.size) * 100)} %`);
  }
  say("");
}

/** Fetches a file and hands it to the browser, which only ever saves it. */
export async function download(client, file, say) {
  const parts = [];
  for (let offset = 0; ; ) {
    const part = await client.call("download_file", { file_id: file.id, offset, raw: true });
    parts.push(Uint8Array.from(atob(part.data), (sign) => sign.charCodeAt(0)));
    offset += part.bytes;
    if (!part.has_more) break;
    say(`Fetching ${file.name}: ${Math.floor((offset / file.size) * 100)} %`);
  }
  say("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function encoded(bytes) {
  let text = "";
  // As many at a time as a call may have arguments everywhere.
  for (let at = 0; at < bytes.length; at += 8_192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  }
  return btoa(text);
}
