using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace MetaMap.Core.Safetensors;

/// <summary>Writes the safetensors format: u64 header length, JSON header padded with spaces to 8 bytes, raw data without gaps.</summary>
public static class SafetensorsWriter
{
    /// <summary>Encodes a file.</summary>
    /// <exception cref="ArgumentException">A tensor's byte length does not fit its type and shape.</exception>
    public static byte[] Write(SafetensorsContent content)
    {
        foreach (SafetensorsTensor tensor in content.Tensors)
        {
            long length = LengthOf(tensor.Type, tensor.Shape);
            if (length != tensor.Bytes.Length)
            {
                throw new ArgumentException(
                    $"Tensor '{tensor.Name}' has {tensor.Bytes.Length} bytes, but its shape needs {length}.", nameof(content));
            }
        }

        byte[] head = Head(content.Tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape)), content.Metadata);
        byte[] file = new byte[head.Length + content.Tensors.Sum(tensor => tensor.Bytes.Length)];
        head.CopyTo(file, 0);
        int offset = head.Length;
        foreach (SafetensorsTensor tensor in content.Tensors)
        {
            tensor.Bytes.Span.CopyTo(file.AsSpan(offset));
            offset += tensor.Bytes.Length;
        }

        return file;
    }

    /// <summary>All of a file that comes before its data.</summary>
    public static byte[] Head(
        IEnumerable<(string Name, TensorType Type, ImmutableArray<long> Shape)> tensors, ImmutableDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (!metadata.IsEmpty)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, TensorType type, ImmutableArray<long> shape) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type.ToString());
                json.WriteStartArray("shape");
                foreach (long size in shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += LengthOf(type, shape));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        byte[] head = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)(head.Length - sizeof(ulong)));
        return head;
    }

    private static long LengthOf(TensorType type, ImmutableArray<long> shape) =>
        shape.Aggregate((long)SafetensorsTensor.ElementBytes(type), (product, size) => checked(product * size));
}
