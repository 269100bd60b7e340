using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;

namespace MetaMap.Learning.Layered;

/// <summary>What one forward pass computed, layer by layer, and its loss.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="input">Images [pixels, channels] or vectors [examples, length].</param>
/// <param name="examples">Number of examples.</param>
/// <param name="outputs">Outputs of the head, without padding.</param>
/// <param name="tapes">One per layer.</param>
internal sealed class LayeredPass<T>(Matrix<T> input, int examples, int outputs, ImmutableArray<Tape<T>> tapes) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>What the first layer reads.</summary>
    public Matrix<T> Input => input;

    /// <summary>Number of examples.</summary>
    public int Examples => examples;

    /// <summary>One per layer.</summary>
    public ImmutableArray<Tape<T>> Tapes => tapes;

    /// <summary>What a layer reads.</summary>
    public Matrix<T> InputOf(int layer) => layer == 0 ? input : tapes[layer - 1].Output;

    /// <summary>What batch norm normalised by in the latest forward pass, layer by layer.</summary>
    public ImmutableArray<NormStatistics<T>?> Norms { get; } = [.. tapes.Select(tape => tape.Norm)];

    /// <summary>Outputs of the head, padded.</summary>
    public Matrix<T> Outputs => tapes[^1].Output;

    /// <summary>The loss of the outputs.</summary>
    public OutputLoss<T> Loss { get; set; } = null!;

    /// <summary>Computes the loss, and its gradient in the last tape.</summary>
    public T Differentiate() => Differentiate(T.One);

    /// <summary>Computes the loss, and its gradient, times a weight, in the last tape.</summary>
    public T Differentiate(T weight)
    {
        Matrix<T> gradient = tapes[^1].OutputGradient;
        T loss = Loss.Differentiate(Outputs, gradient);
        if (weight != T.One)
        {
            TensorPrimitives.Multiply(gradient.Span, weight, gradient.Span);
        }

        return loss;
    }

    /// <summary>Outputs of one example, without padding.</summary>
    public ReadOnlySpan<T> OutputsOf(int example) => Outputs.Span.Slice(example * Outputs.Columns, outputs);
}
