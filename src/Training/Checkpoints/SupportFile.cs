using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Training.Checkpoints;

/// <summary>Somebody's examples and how a model is adapted to them, as safetensors: with the model, enough to adapt it once more to the same bits.</summary>
/// <param name="Support">The examples, in the model's own units.</param>
/// <param name="InnerSteps">0 or more; null for those of the run.</param>
public sealed record SupportFile(SupportSet Support, int? InnerSteps)
{
    private const string Format = "metamap-support";
    private const string InputsName = "inputs";
    private const string LabelsName = "labels";
    private const string ValuesName = "values";
    private const string StepsKey = "inner_steps";

    /// <summary>Encodes the examples.</summary>
    public byte[] ToSafetensors()
    {
        ImmutableDictionary<string, string> metadata = ImmutableDictionary<string, string>.Empty
            .Add("format", Format).Add(LabelsName, JsonSerializer.Serialize(Support.Labels, RunOptionsJson.Conventions));
        return SafetensorsWriter.Write(new SafetensorsContent(
            [
                Tensor(InputsName, TensorType.F32, Support.Examples.Inputs),
                Tensor(LabelsName, TensorType.I64, Support.Examples.Labels),
                Tensor(ValuesName, TensorType.F32, Support.Examples.Values),
            ],
            InnerSteps is { } steps ? metadata.Add(StepsKey, steps.ToString(CultureInfo.InvariantCulture)) : metadata));
    }

    /// <summary>Decodes examples.</summary>
    /// <param name="content">From the safetensors reader.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="DataException">Not what <see cref="ToSafetensors"/> writes.</exception>
    public static SupportFile FromSafetensors(SafetensorsContent content, string source)
    {
        ImmutableDictionary<string, string> metadata = content.Metadata;
        int? steps = null;
        if (metadata.TryGetValue(StepsKey, out string? text))
        {
            steps = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : throw Damaged();
        }

        return metadata.GetValueOrDefault("format") == Format && Labels() is { } labels
            && Values<float>(InputsName, TensorType.F32) is { } inputs && Values<long>(LabelsName, TensorType.I64) is { } indices && Values<float>(ValuesName, TensorType.F32) is { } values
            && Array.TrueForAll(indices, index => index >= 0 && index < labels.Length)
            ? new SupportFile(new SupportSet(new ExampleSet(inputs, indices, values), labels), steps) : throw Damaged();

        DataException Damaged() => new($"{source} holds no examples to adapt to, or is damaged: adapt again.");

        T[]? Values<T>(string name, TensorType type) where T : struct =>
            content.Tensors.FirstOrDefault(tensor => tensor.Name == name && tensor.Type == type) is { } tensor ? MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span).ToArray() : null;

        ImmutableArray<string>? Labels()
        {
            try
            {
                return JsonSerializer.Deserialize<ImmutableArray<string>?>(metadata.GetValueOrDefault(LabelsName) ?? "null", RunOptionsJson.Conventions);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    private static SafetensorsTensor Tensor<T>(string name, TensorType type, T[] values) where T : struct =>
        new(name, type, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
