using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Loop;
using MetaMap.Training.Optimization;

namespace MetaMap.Training.Checkpoints;

/// <summary>Stores a training state as one safetensors file with a digest over all of its tensors and metadata; a damaged file is ignored.</summary>
public static class Checkpoint
{
    private const string ParametersPrefix = "parameters/";
    private const string BestPrefix = "best/";
    private const string SelectionKey = "selection";
    private const string DigestKey = "sha256";

    /// <summary>Encodes a state.</summary>
    public static byte[] Encode(MetaState state)
    {
        ImmutableArray<SafetensorsTensor> tensors =
        [
            .. ParameterSafetensors.Encode(ParametersPrefix, state.Parameters),
            .. state.Optimizer.Slots.SelectMany(slot => ParameterSafetensors.Encode($"optimizer.{slot.Name}/", slot.Values)),
            .. state.Selection is null ? [] : ParameterSafetensors.Encode(BestPrefix, state.Selection.BestParameters),
        ];
        ImmutableDictionary<string, string> metadata = ImmutableDictionary<string, string>.Empty
            .Add("format", "metamap-checkpoint")
            .Add("iteration", state.Iteration.ToString(CultureInfo.InvariantCulture))
            .Add("optimizer_updates", state.Optimizer.Updates.ToString(CultureInfo.InvariantCulture))
            .Add("optimizer_slots", string.Join(',', state.Optimizer.Slots.Select(slot => slot.Name)));
        metadata = state.Selection is null ? metadata : metadata.Add(SelectionKey, string.Create(CultureInfo.InvariantCulture,
            $"{state.Selection.LastIteration},{state.Selection.BestIteration},{state.Selection.BestScore:R},{state.Selection.SinceBest}"));
        return SafetensorsWriter.Write(new SafetensorsContent(tensors, metadata.Add(DigestKey, Digest(metadata, tensors))));
    }

    /// <summary>Decodes a state and checks its digest.</summary>
    /// <exception cref="DataException">The file is truncated or corrupt, or has another layout.</exception>
    public static MetaState Decode(ReadOnlyMemory<byte> file, ParameterLayout layout, string source)
    {
        SafetensorsContent content = SafetensorsReader.Read(file, source);
        if (!int.TryParse(content.Metadata.GetValueOrDefault("iteration"), CultureInfo.InvariantCulture, out int iteration)
            || !int.TryParse(content.Metadata.GetValueOrDefault("optimizer_updates"), CultureInfo.InvariantCulture, out int updates)
            || content.Metadata.GetValueOrDefault(DigestKey) != Digest(content.Metadata.Remove(DigestKey), content.Tensors))
        {
            throw new DataException($"{source} is damaged: its content does not have the digest that it names.");
        }

        string[] slots = content.Metadata.GetValueOrDefault("optimizer_slots", "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (slots.Distinct().Count() != slots.Length)
        {
            throw new DataException($"{source} is damaged: its optimiser has one slot twice: {string.Join(", ", slots)}.");
        }

        return new MetaState(
            iteration,
            ParameterSafetensors.Decode(ParametersPrefix, layout, content, source),
            new OptimizerState(updates,
                [.. slots.Select(name => new OptimizerSlot(name, ParameterSafetensors.Decode($"optimizer.{name}/", layout, content, source)))]))
        {
            Selection = content.Metadata.TryGetValue(SelectionKey, out string? selection)
                ? DecodeSelection(selection, ParameterSafetensors.Decode(BestPrefix, layout, content, source), source) : null,
        };
    }

    private static ModelSelection DecodeSelection(string text, ParameterVector best, string source)
    {
        string[] parts = text.Split(',');
        return parts.Length == 4
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int last)
            && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int bestIteration)
            && NumberText.TryRead(parts[2], out double score)
            && int.TryParse(parts[3], CultureInfo.InvariantCulture, out int sinceBest)
            ? new ModelSelection(last, bestIteration, score, best, sinceBest)
            : throw new DataException($"{source} is damaged: its entry '{SelectionKey}' is '{text}'.");
    }

    // Each part is preceded by its length, so that different contents never give the same bytes.
    private static string Digest(ImmutableDictionary<string, string> metadata, ImmutableArray<SafetensorsTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Append(hash, Encoding.UTF8.GetBytes(key));
            Append(hash, Encoding.UTF8.GetBytes(value));
        }

        foreach (SafetensorsTensor tensor in tensors)
        {
            Append(hash, Encoding.UTF8.GetBytes($"{tensor.Name} {tensor.Type} [{string.Join(',', tensor.Shape)}]"));
            Append(hash, tensor.Bytes.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
