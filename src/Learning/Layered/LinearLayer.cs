using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>A layer without weights that maps its input linearly, so that tangents go the same way as values.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="rows">Rows of the output for each image.</param>
/// <param name="columns">Columns of the output.</param>
internal abstract class LinearLayer<T>(NativeMemory<T> memory, int rows, int columns) : Layer<T>(memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [];

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new(Memory, images * rows, columns);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        OutputTangent = Memory.Zeros(images * rows, columns);
        OutputGradientTangent = Memory.Zeros(images * rows, columns);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, NormStatistics<T>? statistics = null) => Map(input, tape.Output);

    /// <inheritdoc />
    public override void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient) =>
        MapBack(tape.OutputGradient, inputGradient!);

    /// <inheritdoc />
    public override void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction) =>
        Map(inputTangent!, OutputTangent);

    /// <inheritdoc />
    public override void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent) =>
        MapBack(OutputGradientTangent, inputGradientTangent!);

    /// <summary>From the input to the output.</summary>
    protected abstract void Map(Matrix<T> input, Matrix<T> output);

    /// <summary>The transpose.</summary>
    protected abstract void MapBack(Matrix<T> output, Matrix<T> input);
}
