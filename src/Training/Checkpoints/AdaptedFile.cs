using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Checkpoints;

/// <summary>
/// A meta-model that was adapted to somebody's examples: a plain network that tells their labels apart, or predicts values of their task, without them. Stored as
/// safetensors under the network's own names.
/// </summary>
/// <param name="RunId">The run of the meta-model.</param>
/// <param name="Iteration">Its version.</param>
/// <param name="Options">The options that it was trained with.</param>
/// <param name="Input">Shape of one input.</param>
/// <param name="Labels">What the outputs stand for, in order; empty for regression.</param>
/// <param name="TargetLength">Values to predict; 0 for classification.</param>
/// <param name="Network">The network's parameters.</param>
/// <param name="Statistics">Mean and (biased) variance of each batch norm, in the network's order, one after the other; empty where it has none.</param>
/// <param name="Modulation">Scale minus 1, then shift, of each channel of the hidden layer that the network offers for it; empty for none.</param>
public sealed record AdaptedFile(
    string RunId, int Iteration, RunOptions Options, InputShape Input, ImmutableArray<string> Labels, int TargetLength, ParameterVector Network,
    ImmutableArray<ImmutableArray<float>> Statistics, ImmutableArray<float> Modulation)
{
    private const string Format = "metamap-adapted";
    private const string TaskDigest = "task_sha256";
    private const string CosineName = "unit_features";
    private const string SkipName = "skip.weight";
    private const string ModulationName = "modulation";

    /// <summary>The data that the meta-model was trained on, with the units of its numbers; null in files of older versions.</summary>
    public TrainingData? Data { get; init; }

    /// <summary>Weights [outputs, skip length], row by row, of what the network's hidden layers read, which are added to its outputs; empty for none.</summary>
    public ImmutableArray<float> SkipWeight { get; init; } = [];

    /// <summary>Whether features are made of length one before the head, so that it compares directions.</summary>
    public bool IsCosine { get; init; }

    /// <summary>The network.</summary>
    public ModelSpec Spec => Options.ModelSpec(Input, TargetLength > 0 ? TargetLength : Labels.Length);

    /// <summary>Encodes the model.</summary>
    public byte[] ToSafetensors()
    {
        ImmutableDictionary<string, string> metadata = ImmutableDictionary<string, string>.Empty
            .Add("format", Format).Add("run_id", RunId).Add("iteration", Iteration.ToString(CultureInfo.InvariantCulture)).Add("options", RunOptionsJson.Write(Options))
            .Add("input", Input.ToString()).Add("target_length", TargetLength.ToString(CultureInfo.InvariantCulture))
            .Add("labels", JsonSerializer.Serialize(Labels, RunOptionsJson.Conventions)).Add("model_sha256", Network.Sha256).Add(TaskDigest, TaskSha256);
        metadata = IsCosine ? metadata.Add(CosineName, "true") : metadata;
        return SafetensorsWriter.Write(new SafetensorsContent(
            [
                .. ParameterSafetensors.Encode("", Network),
                .. Statistics.Select((values, i) => Tensor(StatisticName(i), values)),
                .. Modulation.IsEmpty ? [] : (SafetensorsTensor[])[Tensor(ModulationName, Modulation)],
                .. SkipWeight.IsEmpty ? [] : (SafetensorsTensor[])[Tensor(SkipName, SkipWeight)],
            ],
            Data is null ? metadata : metadata.Add("data", JsonSerializer.Serialize(Data, RunOptionsJson.Conventions))));
    }

    /// <summary>Whether a file says that it is an adapted model.</summary>
    public static bool IsOne(SafetensorsContent content) => content.Metadata.GetValueOrDefault("format") == Format;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It cannot be read, or is no complete adapted model.</exception>
    public static AdaptedFile Read(string path) => FromSafetensors(SafetensorsReader.ReadFile(path), path);

    /// <summary>Decodes and checks an adapted model.</summary>
    /// <param name="content">From the safetensors reader.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="DataException">Not an adapted model, damaged, or with tensors that do not fit the network that it names.</exception>
    public static AdaptedFile FromSafetensors(SafetensorsContent content, string source)
    {
        ImmutableDictionary<string, string> metadata = content.Metadata;
        if (!IsOne(content) || !metadata.TryGetValue("options", out string? json) || !metadata.TryGetValue("run_id", out string? runId)
            || !int.TryParse(metadata.GetValueOrDefault("iteration"), NumberStyles.None, CultureInfo.InvariantCulture, out int iteration)
            || !int.TryParse(metadata.GetValueOrDefault("target_length"), NumberStyles.None, CultureInfo.InvariantCulture, out int targets)
            || !InputShape.TryParse(metadata.GetValueOrDefault("input"), out InputShape input) || ReadJson<string[]>(metadata, "labels", source) is not { } labels
            || targets == 0 && (labels.Length < 1 || labels.Any(string.IsNullOrWhiteSpace) || labels.Distinct(StringComparer.Ordinal).Count() < labels.Length))
        {
            throw new DataException($"{source} is a safetensors file but no adapted model: use one that metamap adapt --out wrote.");
        }

        ParameterLayout layout;
        AdaptedFile file;
        try
        {
            RunOptions options = RunOptionsJson.ReadStored(json, $"the metadata of {source}");
            layout = options.ModelSpec(input, targets > 0 ? targets : labels.Length).Schema().Layout;
            file = new AdaptedFile(runId, iteration, options, input, [.. labels], targets, new ParameterVector(layout, new float[layout.Length]), [], []);
        }
        catch (ConfigurationException error)
        {
            throw new DataException($"{source} was trained with options that this version does not know: {error.Message}", error);
        }

        if (!metadata.ContainsKey(TaskDigest))
        {
            throw new DataException($"{source} was written by an older version of metamap adapt, which did not store all that this one needs: adapt again.");
        }

        if (ReadJson<TrainingData>(metadata, "data", source) is { IsWhole: false })
        {
            throw new DataException($"{source} is damaged: its metadata data lacks a part; fetch it again.");
        }

        ParameterVector network = ParameterSafetensors.Decode("", layout, content, source);
        file = file with
        {
            Network = network, Data = ReadJson<TrainingData>(metadata, "data", source),
            Statistics = [.. Enumerable.Range(0, int.MaxValue).Select(i => Values(content, StatisticName(i))).TakeWhile(values => !values.IsEmpty)],
            Modulation = Values(content, ModulationName), IsCosine = metadata.ContainsKey(CosineName), SkipWeight = Values(content, SkipName),
        };
        return metadata.GetValueOrDefault("model_sha256") == network.Sha256 && metadata.GetValueOrDefault(TaskDigest) == file.TaskSha256 ? file
            : throw new DataException($"{source} is damaged: its parameters do not have the SHA-256 that its metadata names; fetch it again.");
    }

    /// <summary>Equal when every part is.</summary>
    public bool Equals(AdaptedFile? other) => other is not null && ToSafetensors().AsSpan().SequenceEqual(other.ToSafetensors());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(RunId, Iteration, Network);

    // Of all that the network has beside its parameters.
    private string TaskSha256 => Convert.ToHexStringLower(SHA256.HashData(
        MemoryMarshal.AsBytes<float>(Statistics.SelectMany(values => values).Concat(Modulation).Concat(SkipWeight).ToArray())));

    private static string StatisticName(int i) => string.Create(CultureInfo.InvariantCulture, $"batch_norm.{i / 2}.{(i % 2 == 0 ? "mean" : "variance")}");

    private static SafetensorsTensor Tensor(string name, ImmutableArray<float> values) =>
        new(name, TensorType.F32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static ImmutableArray<float> Values(SafetensorsContent content, string name) =>
        content.Tensors.FirstOrDefault(tensor => tensor.Name == name && tensor.Type == TensorType.F32) is { } tensor
            ? [.. MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span)] : [];

    private static T? ReadJson<T>(ImmutableDictionary<string, string> metadata, string key, string source)
    {
        try
        {
            return metadata.TryGetValue(key, out string? json) ? JsonSerializer.Deserialize<T>(json, RunOptionsJson.Conventions) : default;
        }
        catch (JsonException error)
        {
            throw new DataException($"{source} is damaged: its metadata {key} {RunOptionsJson.Explain(error, $"the {key} of an adapted model")}; fetch it again.", error);
        }
    }
}
