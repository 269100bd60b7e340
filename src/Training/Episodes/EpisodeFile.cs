using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>
/// The content of one episode as a safetensors file: what <c>gradient</c> reads and what a run that diverged leaves
/// behind. Inputs are float32 or float64 [examples, …sizes of one input]; targets are int64 labels [examples], or
/// values [examples, target length] for regression.
/// </summary>
/// <param name="SupportInputs">Inputs of the support set, which is adapted to.</param>
/// <param name="SupportTargets">Its labels or values.</param>
/// <param name="QueryInputs">Inputs of the query set, which is measured.</param>
/// <param name="QueryTargets">Its labels or values.</param>
public sealed record EpisodeFile(
    SafetensorsTensor SupportInputs, SafetensorsTensor SupportTargets, SafetensorsTensor QueryInputs, SafetensorsTensor QueryTargets)
{
    /// <summary>True when the inputs are float64.</summary>
    public bool IsDouble => SupportInputs.Type == TensorType.F64;

    /// <summary>An episode of a dataset, in float32.</summary>
    public static EpisodeFile Of(EpisodeExamples examples) => new(
        Inputs("support_inputs", examples, examples.Support), Targets("support_targets", examples, examples.Support),
        Inputs("query_inputs", examples, examples.Query), Targets("query_targets", examples, examples.Query));

    /// <summary>Encodes the episode.</summary>
    /// <param name="metadata">Where the episode is from, for information.</param>
    public byte[] ToSafetensors(ImmutableDictionary<string, string> metadata) => SafetensorsWriter.Write(new SafetensorsContent(
        [SupportInputs, SupportTargets, QueryInputs, QueryTargets], metadata.SetItem("format", "metamap-episode")));

    /// <summary>Reads an episode and checks every value, so that the model can compute whatever is accepted.</summary>
    /// <param name="content">From the safetensors reader.</param>
    /// <param name="shape">The shape of the model's data.</param>
    /// <param name="outputs">Outputs of the model: the number of labels, for classification.</param>
    /// <param name="source">Where it is from, for error messages.</param>
    /// <exception cref="DataException">A tensor is missing, or has a type, shape or value that the model cannot read.</exception>
    public static EpisodeFile Read(SafetensorsContent content, TaskShape shape, int outputs, string source)
    {
        EpisodeTensorReader reader = new(content, shape, outputs, source);
        SafetensorsTensor supportInputs = reader.Inputs("support_inputs");
        SafetensorsTensor queryInputs = reader.Inputs("query_inputs");
        return supportInputs.Type == queryInputs.Type
            ? new EpisodeFile(
                supportInputs, reader.Targets("support_targets", supportInputs.Shape[0]),
                queryInputs, reader.Targets("query_targets", queryInputs.Shape[0]))
            : throw new DataException(
                $"{source} is no episode for this model: support_inputs are {supportInputs.Type}, but query_inputs are {queryInputs.Type}; write both in one type.");
    }

    private static SafetensorsTensor Inputs(string name, EpisodeExamples examples, ExampleSet set) => new(
        name, TensorType.F32, [set.Inputs.Length / examples.Input.Length, .. examples.Input.Sizes.Select(size => (long)size)],
        MemoryMarshal.AsBytes(set.Inputs.AsSpan()).ToArray());

    private static SafetensorsTensor Targets(string name, EpisodeExamples examples, ExampleSet set) => examples.TargetLength == 0
        ? new(name, TensorType.I64, [set.Labels.Length], MemoryMarshal.AsBytes(set.Labels.AsSpan()).ToArray())
        : new(name, TensorType.F32, [set.Values.Length / examples.TargetLength, examples.TargetLength],
            MemoryMarshal.AsBytes(set.Values.AsSpan()).ToArray());
}
