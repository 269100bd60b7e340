using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Core.Training;

namespace MetaMap.Core.Checkpoints;

/// <summary>A training state as one safetensors file with a digest over all of its tensors: whole or ignored.</summary>
public static class Checkpoint
{
    private const string ParametersPrefix = "parameters/";

    /// <summary>Encodes a state.</summary>
    public static byte[] Encode(MetaState state)
    {
        ImmutableArray<SafetensorsTensor> tensors =
        [
            .. ParameterTensors.Encode(ParametersPrefix, state.Parameters),
            .. state.Optimizer.Slots.SelectMany(slot => ParameterTensors.Encode($"optimizer.{slot.Name}/", slot.Values)),
        ];
        return SafetensorsWriter.Write(new SafetensorsContent(tensors, ImmutableDictionary<string, string>.Empty
            .Add("format", "metamap-checkpoint")
            .Add("iteration", state.Iteration.ToString(CultureInfo.InvariantCulture))
            .Add("optimizer_updates", state.Optimizer.Updates.ToString(CultureInfo.InvariantCulture))
            .Add("optimizer_slots", string.Join(',', state.Optimizer.Slots.Select(slot => slot.Name)))
            .Add("sha256", Digest(state.Iteration, tensors))));
    }

    /// <summary>Decodes a state and checks its digest.</summary>
    /// <exception cref="DataException">Torn, flipped, or of another layout.</exception>
    public static MetaState Decode(ReadOnlyMemory<byte> file, ParameterLayout layout, string source)
    {
        SafetensorsContent content = SafetensorsReader.Read(file, source);
        if (!int.TryParse(content.Metadata.GetValueOrDefault("iteration"), CultureInfo.InvariantCulture, out int iteration)
            || !int.TryParse(content.Metadata.GetValueOrDefault("optimizer_updates"), CultureInfo.InvariantCulture, out int updates)
            || content.Metadata.GetValueOrDefault("sha256") != Digest(iteration, content.Tensors))
        {
            throw new DataException($"{source} is damaged: its tensors do not have the digest that it names.");
        }

        string[] slots = content.Metadata.GetValueOrDefault("optimizer_slots", "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new MetaState(
            iteration,
            ParameterTensors.Decode(ParametersPrefix, layout, content, source),
            new OptimizerState(updates,
                [.. slots.Select(name => new OptimizerSlot(name, ParameterTensors.Decode($"optimizer.{name}/", layout, content, source)))]));
    }

    private static string Digest(int iteration, ImmutableArray<SafetensorsTensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(iteration));
        foreach (SafetensorsTensor tensor in tensors)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData(tensor.Bytes.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
