// Pictures as people give them, as data URLs of PNG or JPEG files of a size that goes over the network quickly.
const mostSide = 512;
const mostBytes = 512 * 1024;

export const base64 = dataUrl => dataUrl.slice(dataUrl.indexOf(',') + 1);

// A file as it is when it is a small PNG or JPEG; else what the browser makes of it.
export async function pictureOf(file) {
  if (['image/png', 'image/jpeg'].includes(file.type) && file.size <= mostBytes) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
      reader.readAsDataURL(file);
    });
  }

  const bitmap = await createImageBitmap(file).catch(() => { throw new Error(`${file.name} is no picture that this browser can read; give a PNG or JPEG file.`); });
  const scale = Math.min(1, mostSide / Math.max(bitmap.width, bitmap.height));
  return drawn(bitmap, 0, 0, bitmap.width, bitmap.height, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
}

// The square in the middle of a video.
export function middleOf(video, side = 256) {
  const edge = Math.min(video.videoWidth, video.videoHeight);
  return drawn(video, (video.videoWidth - edge) / 2, (video.videoHeight - edge) / 2, edge, edge, side, side);
}

function drawn(source, x, y, sourceWidth, sourceHeight, width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  canvas.getContext('2d').drawImage(source, x, y, sourceWidth, sourceHeight, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}
