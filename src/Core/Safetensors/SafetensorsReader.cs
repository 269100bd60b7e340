using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;
using MetaMap.Core.Files;

namespace MetaMap.Core.Safetensors;

/// <summary>
/// Reads the safetensors format and refuses what the reference refuses: headers over 100 MB, gaps, overlaps, lengths
/// that do not fit, repeated names, unknown types. Never reads outside the buffer.
/// </summary>
public static class SafetensorsReader
{
    /// <summary>Largest header, in bytes, as in the reference implementation.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">The file is missing or is not a valid safetensors file.</exception>
    public static SafetensorsContent ReadFile(string path)
    {
        try
        {
            return Read(File.ReadAllBytes(path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DataException($"The file '{path}' cannot be read: {PathProblem.Reading(path, error)}", error);
        }
    }

    /// <summary>Decodes a whole file; tensors share the memory of <paramref name="file"/>.</summary>
    /// <param name="file">The bytes.</param>
    /// <param name="source">Where they are from, for error messages.</param>
    /// <exception cref="DataException">Not a valid safetensors file.</exception>
    public static SafetensorsContent Read(ReadOnlyMemory<byte> file, string source)
    {
        if (file.Length < 8)
        {
            throw Invalid(source, $"it has {file.Length} bytes and ends before the header length");
        }

        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (headerLength > MaxHeaderBytes)
        {
            throw Invalid(source, $"its header claims {headerLength} bytes, more than the format's limit of {MaxHeaderBytes}");
        }

        if (headerLength > (ulong)(file.Length - 8))
        {
            throw Invalid(source, $"its header claims {headerLength} bytes, but only {file.Length - 8} follow");
        }

        ReadOnlyMemory<byte> header = file.Slice(8, (int)headerLength);
        ReadOnlyMemory<byte> data = file[(8 + (int)headerLength)..];
        if (header.IsEmpty || header.Span[0] != (byte)'{')
        {
            throw Invalid(source, "its header does not begin with '{'");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(header);
            return Decode(document.RootElement, data, source);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw Invalid(source, "its header is not valid JSON of the format", error);
        }
    }

    private static SafetensorsContent Decode(JsonElement root, ReadOnlyMemory<byte> data, string source)
    {
        var metadata = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var found = new List<(long Begin, SafetensorsTensor Tensor)>();
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw Invalid(source, $"the name '{property.Name}' appears twice");
            }

            if (property.Name == "__metadata__")
            {
                foreach (JsonProperty entry in property.Value.EnumerateObject())
                {
                    metadata[entry.Name] = entry.Value.ValueKind == JsonValueKind.String
                        ? entry.Value.GetString()!
                        : throw Invalid(source, $"the metadata entry '{entry.Name}' is not a string");
                }
            }
            else
            {
                found.Add(DecodeTensor(property, data, source));
            }
        }

        long end = 0;
        // A stable order: tensors without data keep the order of the header.
        var ordered = found.OrderBy(item => item.Begin).ThenBy(item => item.Tensor.Bytes.Length).ToList();
        foreach ((long begin, SafetensorsTensor tensor) in ordered)
        {
            if (begin != end)
            {
                throw Invalid(source, $"the data of '{tensor.Name}' begins at {begin}, expected {end} ({(begin > end ? "a gap" : "an overlap")})");
            }

            end += tensor.Bytes.Length;
        }

        return end == data.Length
            ? new SafetensorsContent([.. ordered.Select(item => item.Tensor)], metadata.ToImmutable())
            : throw Invalid(source, $"{data.Length} bytes of data follow the header, but its tensors cover {end}");
    }

    private static (long Begin, SafetensorsTensor Tensor) DecodeTensor(JsonProperty property, ReadOnlyMemory<byte> data, string source)
    {
        string name = property.Name;
        JsonElement value = property.Value;
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement dtype)
            || !value.TryGetProperty("shape", out JsonElement shapes)
            || !value.TryGetProperty("data_offsets", out JsonElement offsets)
            || offsets.GetArrayLength() != 2)
        {
            throw Invalid(source, $"tensor '{name}' lacks dtype, shape or data_offsets");
        }

        if (!Enum.TryParse(dtype.GetString(), out TensorType type) || type.ToString() != dtype.GetString())
        {
            throw Invalid(source, $"tensor '{name}' has the unknown type '{dtype.GetString()}'");
        }

        ImmutableArray<long> shape = [.. shapes.EnumerateArray().Select(size => size.GetInt64())];
        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (begin < 0 || end < begin || end > data.Length)
        {
            throw Invalid(source, $"tensor '{name}' lies at {begin} to {end}, outside the {data.Length} bytes of data");
        }

        UInt128 expected = (UInt128)SafetensorsTensor.ElementBytes(type);
        foreach (long size in shape)
        {
            expected = size < 0 || expected > long.MaxValue
                ? throw Invalid(source, $"tensor '{name}' has an impossible shape")
                : expected * (UInt128)size;
        }

        return expected == (UInt128)(end - begin)
            ? (begin, new SafetensorsTensor(name, type, shape, data.Slice((int)begin, (int)(end - begin))))
            : throw Invalid(source, $"tensor '{name}' has {end - begin} bytes, but its shape needs {expected}");
    }

    private static DataException Invalid(string source, string problem, Exception? inner = null)
    {
        string message = $"{source} is not a usable safetensors file: {problem}.";
        return inner is null ? new DataException(message) : new DataException(message, inner);
    }
}
