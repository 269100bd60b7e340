using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>What a layer computed in one forward pass, kept for the backward pass.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="rows">Rows of the output.</param>
/// <param name="channels">Channels of the output.</param>
internal class Tape<T>(NativeMemory<T> memory, int rows, int channels) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The output [rows, channels].</summary>
    public Matrix<T> Output { get; } = memory.Zeros(rows, channels);

    /// <summary>Derivatives of the loss by <see cref="Output"/>; written by the next layer.</summary>
    public Matrix<T> OutputGradient { get; } = memory.Zeros(rows, channels);

    /// <summary>What batch norm normalised by; null for layers without.</summary>
    public NormStatistics<T>? Norm { get; protected init; }
}

/// <summary>
/// A layer with its derivatives: value, gradient, and the derivative of both along a direction of the weights, which is what
/// a Hessian-vector product needs (Pearlmutter 1994). Channels are padded with zeros to whole vectors. A layer owns what
/// its passes share, so it belongs to one lane.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
internal abstract class Layer<T>(NativeMemory<T> memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    protected NativeMemory<T> Memory => memory;

    /// <summary>Sizes of its weights, padded: rows and columns of each.</summary>
    public abstract IReadOnlyList<(int Rows, int Columns)> Weights { get; }

    /// <summary>Position of its first weights among those of the network.</summary>
    public int First { get; set; }

    /// <summary>Derivative of the output along the direction, from the latest tangent pass.</summary>
    public Matrix<T> OutputTangent { get; protected set; } = null!;

    /// <summary>Derivative of the output's gradient along the direction; written by the next layer.</summary>
    public Matrix<T> OutputGradientTangent { get; protected set; } = null!;

    /// <summary>Allocates memory for one forward pass.</summary>
    public abstract Tape<T> NewTape(int images);

    /// <summary>Allocates memory for tangents of passes with this number of images.</summary>
    public abstract void PrepareTangents(int images);

    /// <summary>Computes the output.</summary>
    /// <param name="tape">Receives it.</param>
    /// <param name="input">[rows, channels].</param>
    /// <param name="weights">The weights to use.</param>
    /// <param name="statistics">What batch norm normalises by, without a backward pass; null for the statistics of the input.</param>
    public abstract void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, NormStatistics<T>? statistics = null);

    /// <summary>Turns the output's gradient into that of the weights and, if wanted, of the input.</summary>
    public abstract void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient);

    /// <summary>Computes <see cref="OutputTangent"/>; the first layer's input has no tangent.</summary>
    public abstract void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction);

    /// <summary>Turns <see cref="OutputGradientTangent"/> into the tangent of the weights' gradient and, if wanted, of the input's.</summary>
    public abstract void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent);
}
