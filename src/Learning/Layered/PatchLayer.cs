using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>The patches under the filters of a convolution, one a row; a <see cref="DenseLayer{T}"/> after it multiplies them by the filters.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="patches">Filters over its input.</param>
internal sealed unsafe class PatchLayer<T>(NativeMemory<T> memory, Patches patches) : Layer<T>(memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [];

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new(Memory, images * patches.OutputPixels, patches.Length);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        OutputTangent = Memory.Zeros(images * patches.OutputPixels, patches.Length);
        OutputGradientTangent = Memory.Zeros(images * patches.OutputPixels, patches.Length);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, NormStatistics<T>? statistics = null) => Gather(input, tape.Output);

    /// <inheritdoc />
    public override void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient) =>
        Scatter(tape.OutputGradient, inputGradient!);

    /// <inheritdoc />
    public override void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction) =>
        Gather(inputTangent!, OutputTangent);

    /// <inheritdoc />
    public override void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent) =>
        Scatter(OutputGradientTangent, inputGradientTangent!);

    private void Gather(Matrix<T> images, Matrix<T> rows) => patches.Gather(images.Data, rows.Rows / patches.OutputPixels, rows.Data);

    private void Scatter(Matrix<T> rows, Matrix<T> images) => patches.Scatter(rows.Data, rows.Rows / patches.OutputPixels, images.Data);
}
