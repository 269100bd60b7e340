using System.Buffers.Binary;
using System.Text.Json;

namespace MetaMap.Core.Safetensors;

/// <summary>Writes the safetensors format: u64 header length, JSON header padded with spaces to 8 bytes, raw data without gaps.</summary>
public static class SafetensorsWriter
{
    /// <summary>Encodes a file.</summary>
    /// <exception cref="ArgumentException">A tensor's byte length does not fit its type and shape.</exception>
    public static byte[] Write(SafetensorsContent content)
    {
        byte[] header = Header(content);
        int padded = (header.Length + 7) / 8 * 8;
        byte[] file = new byte[8 + padded + content.Tensors.Sum(tensor => tensor.Bytes.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)padded);
        header.CopyTo(file, 8);
        file.AsSpan(8 + header.Length, padded - header.Length).Fill((byte)' ');
        int offset = 8 + padded;
        foreach (SafetensorsTensor tensor in content.Tensors)
        {
            tensor.Bytes.Span.CopyTo(file.AsSpan(offset));
            offset += tensor.Bytes.Length;
        }

        return file;
    }

    private static byte[] Header(SafetensorsContent content)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (!content.Metadata.IsEmpty)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in content.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (SafetensorsTensor tensor in content.Tensors)
            {
                long length = tensor.Shape.Aggregate(
                    (long)SafetensorsTensor.ElementBytes(tensor.Type), (product, size) => checked(product * size));
                if (length != tensor.Bytes.Length)
                {
                    throw new ArgumentException(
                        $"Tensor '{tensor.Name}' has {tensor.Bytes.Length} bytes, but its shape needs {length}.", nameof(content));
                }

                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.ToString());
                json.WriteStartArray("shape");
                foreach (long size in tensor.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
