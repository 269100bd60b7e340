using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Episodes;

/// <summary>Finds the tensors of an episode in a file and checks type, shape and every value against what the model reads.</summary>
/// <param name="content">The file.</param>
/// <param name="shape">The shape of the model's data.</param>
/// <param name="outputs">Outputs of the model.</param>
/// <param name="source">Where the file is from, for error messages.</param>
internal sealed class EpisodeTensorReader(SafetensorsContent content, TaskShape shape, int outputs, string source)
{
    /// <summary>Inputs: float32 or float64 [1 or more, …sizes of one input], finite; tokens are whole and in the vocabulary.</summary>
    public SafetensorsTensor Inputs(string name)
    {
        ImmutableArray<long> sizes = [.. shape.Input.Sizes.Select(size => (long)size)];
        SafetensorsTensor tensor = Find(name);
        if (!IsFloat(tensor) || tensor.Shape.Length != sizes.Length + 1 || tensor.Shape[0] < 1 || !tensor.Shape.Skip(1).SequenceEqual(sizes))
        {
            throw Unfit(tensor, $"F32 or F64 [1 or more, {string.Join(", ", sizes)}]");
        }

        foreach (double value in Floats(tensor))
        {
            RequireFinite(name, value);
            if (shape.Input.Kind == InputKind.Tokens && (value < 0 || value >= shape.Input.Vocabulary || value != Math.Floor(value)))
            {
                throw Invalid(string.Create(CultureInfo.InvariantCulture,
                    $"{name} holds {value}, but tokens are whole numbers from 0 to {shape.Input.Vocabulary - 1}"));
            }
        }

        return tensor;
    }

    /// <summary>Targets: int64 labels [examples], each an output of the model; or finite values [examples, target length].</summary>
    public SafetensorsTensor Targets(string name, long examples)
    {
        SafetensorsTensor tensor = Find(name);
        if (shape.TargetLength > 0)
        {
            if (!IsFloat(tensor) || !tensor.Shape.SequenceEqual([examples, shape.TargetLength]))
            {
                throw Unfit(tensor, $"F32 or F64 [{examples}, {shape.TargetLength}]");
            }

            foreach (double value in Floats(tensor))
            {
                RequireFinite(name, value);
            }

            return tensor;
        }

        if (tensor.Type != TensorType.I64 || !tensor.Shape.SequenceEqual([examples]))
        {
            throw Unfit(tensor, $"I64 [{examples}]");
        }

        foreach (long label in MemoryMarshal.Cast<byte, long>(tensor.Bytes.Span))
        {
            if (label < 0 || label >= outputs)
            {
                throw Invalid($"{name} holds label {label}, but the model has labels 0 to {outputs - 1}");
            }
        }

        return tensor;
    }

    private static bool IsFloat(SafetensorsTensor tensor) => tensor.Type is TensorType.F32 or TensorType.F64;

    private static double[] Floats(SafetensorsTensor tensor) => tensor.Type == TensorType.F64
        ? MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray()
        : [.. MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray().Select(value => (double)value)];

    private SafetensorsTensor Find(string name) => content.Tensors.FirstOrDefault(tensor => tensor.Name == name)
        ?? throw Invalid($"it has no tensor '{name}'; an episode has support_inputs, support_targets, query_inputs and query_targets");

    private void RequireFinite(string name, double value)
    {
        if (!double.IsFinite(value))
        {
            throw Invalid($"{name} holds NaN or infinity");
        }
    }

    private DataException Unfit(SafetensorsTensor tensor, string expected) =>
        Invalid($"{tensor.Name} is {tensor.Type} [{string.Join(", ", tensor.Shape)}], expected {expected}");

    private DataException Invalid(string problem) => new($"{source} is no episode for this model: {problem}.");
}
