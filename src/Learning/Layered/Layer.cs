using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>What a layer has made in one forward pass, kept for the way back.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Where.</param>
/// <param name="rows">Of the output.</param>
/// <param name="channels">Of the output.</param>
internal class Tape<T>(NativeMemory<T> memory, int rows, int channels) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>[rows, channels].</summary>
    public Matrix<T> Output { get; } = memory.Zeros(rows, channels);

    /// <summary>Derivatives of the loss by <see cref="Output"/>; written by the next layer.</summary>
    public Matrix<T> OutputGradient { get; } = memory.Zeros(rows, channels);
}

/// <summary>
/// A layer with its derivatives: value, gradient, and the derivative of both along a direction of the weights, which is what
/// a Hessian-vector product needs (Pearlmutter 1994). Channels are padded with zeros to whole vectors. It owns what
/// the passes share, so a layer is of one lane.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Where it keeps what it makes.</param>
internal abstract class Layer<T>(NativeMemory<T> memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    protected NativeMemory<T> Memory => memory;

    /// <summary>Sizes of its weights, padded: rows and columns of each.</summary>
    public abstract IReadOnlyList<(int Rows, int Columns)> Weights { get; }

    /// <summary>Position of its first weights among those of the network.</summary>
    public int First { get; set; }

    /// <summary>Derivative of the output along the direction, of the newest tangent pass.</summary>
    public Matrix<T> OutputTangent { get; protected set; } = null!;

    /// <summary>Derivative of the output's gradient along the direction; written by the next layer.</summary>
    public Matrix<T> OutputGradientTangent { get; protected set; } = null!;

    /// <summary>Room for one forward pass.</summary>
    public abstract Tape<T> NewTape(int images);

    /// <summary>Room for tangents of passes of so many images.</summary>
    public abstract void PrepareTangents(int images);

    /// <summary>Computes the output.</summary>
    /// <param name="tape">Keeps it.</param>
    /// <param name="input">[rows, channels].</param>
    /// <param name="weights">At which.</param>
    /// <param name="statistics">Another pass, by whose statistics batch norm normalises; null for its own. There is no way back then.</param>
    public abstract void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, Tape<T>? statistics = null);

    /// <summary>From the output's gradient to that of the weights and, if wanted, of the input.</summary>
    public abstract void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient);

    /// <summary>Computes <see cref="OutputTangent"/>; the input has none in the first layer.</summary>
    public abstract void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction);

    /// <summary>From <see cref="OutputGradientTangent"/> to the tangent of the weights' gradient and, if wanted, of the input's.</summary>
    public abstract void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent);
}
