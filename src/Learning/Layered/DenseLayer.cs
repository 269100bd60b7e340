using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>A fully connected layer, with or without ReLU; over patches it is a convolution.</summary>
/// <remarks>Weights: [inputs, outputs] and the shift [1, outputs].</remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="inputs">Number of inputs, padded.</param>
/// <param name="outputs">Number of outputs, padded.</param>
/// <param name="isRectified">With ReLU.</param>
/// <param name="rowsOfExample">Rows of an example: 1, or its patches.</param>
internal sealed unsafe class DenseLayer<T>(NativeMemory<T> memory, int inputs, int outputs, bool isRectified, int rowsOfExample = 1) : Layer<T>(memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T> _part = memory.Zeros(1, outputs);
    private Matrix<T> _zGradientTangent = null!;

    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [(inputs, outputs), (1, outputs)];

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new DenseTape(Memory, images * rowsOfExample, outputs);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        OutputTangent = Memory.Zeros(images * rowsOfExample, outputs);
        OutputGradientTangent = Memory.Zeros(images * rowsOfExample, outputs);
        _zGradientTangent = Memory.Zeros(images * rowsOfExample, outputs);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, NormStatistics<T>? statistics = null)
    {
        Matrix<T> output = tape.Output;
        output.Product(input, weights[First]);
        AddRow(output, weights[First + 1]);
        for (int i = 0; isRectified && i < output.Rows * outputs; i += Vector<T>.Count)
        {
            Vector<T> z = Vector.Load(output.Data + i);
            Vector.ConditionalSelect(Vector.LessThanOrEqual(z, Vector<T>.Zero), Vector<T>.Zero, z).Store(output.Data + i);
        }
    }

    /// <inheritdoc />
    public override void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient)
    {
        Matrix<T> z = ((DenseTape)tape).ZGradient;
        Rectify(tape, tape.OutputGradient, z);
        gradient[First].ProductOfTransposed(input, z);
        SumRows(z, gradient[First + 1]);
        inputGradient?.ProductWithTransposed(z, weights[First]);
    }

    /// <inheritdoc />
    public override void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction)
    {
        OutputTangent.Product(input, direction[First]);
        if (inputTangent is not null)
        {
            OutputTangent.Product(inputTangent, weights[First], add: true);
        }

        AddRow(OutputTangent, direction[First + 1]);
        Rectify(tape, OutputTangent, OutputTangent);
    }

    /// <inheritdoc />
    public override void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent)
    {
        Matrix<T> z = ((DenseTape)tape).ZGradient;
        Rectify(tape, OutputGradientTangent, _zGradientTangent);
        product[First].ProductOfTransposed(input, _zGradientTangent);
        if (inputTangent is not null)
        {
            product[First].ProductOfTransposed(inputTangent, z, add: true);
        }

        SumRows(_zGradientTangent, product[First + 1]);
        if (inputGradientTangent is not null)
        {
            inputGradientTangent.ProductWithTransposed(_zGradientTangent, weights[First]);
            inputGradientTangent.ProductWithTransposed(z, direction[First], add: true);
        }
    }

    private void AddRow(Matrix<T> rows, Matrix<T> row)
    {
        for (int r = 0; r < rows.Rows; r++)
        {
            for (int c = 0; c < outputs; c += Vector<T>.Count)
            {
                (Vector.Load(rows.Data + r * outputs + c) + Vector.Load(row.Data + c)).Store(rows.Data + r * outputs + c);
            }
        }
    }

    // Of examples at once, of patches a few at a time.
    private void SumRows(Matrix<T> rows, Matrix<T> sum)
    {
        int rowsOfStep = rowsOfExample == 1 ? rows.Rows : ChannelSums.RowsOfStep;
        sum.Span.Clear();
        for (int from = 0; from < rows.Rows; from += rowsOfStep)
        {
            _part.Span.Clear();
            for (int r = from; r < Math.Min(rows.Rows, from + rowsOfStep); r++)
            {
                for (int c = 0; c < outputs; c += Vector<T>.Count)
                {
                    (Vector.Load(_part.Data + c) + Vector.Load(rows.Row(r) + c)).Store(_part.Data + c);
                }
            }

            ChannelSums.AddTo(sum.Data, _part.Data, outputs);
        }
    }

    private void Rectify(Tape<T> tape, Matrix<T> values, Matrix<T> result)
    {
        for (int i = 0; i < values.Rows * outputs; i += Vector<T>.Count)
        {
            Vector<T> value = Vector.Load(values.Data + i);
            (isRectified ? Vector.BitwiseAnd(Vector.GreaterThan(Vector.Load(tape.Output.Data + i), Vector<T>.Zero), value) : value).Store(result.Data + i);
        }
    }

    private sealed class DenseTape(NativeMemory<T> memory, int rows, int channels) : Tape<T>(memory, rows, channels)
    {
        /// <summary>Gradient by the values before ReLU.</summary>
        public Matrix<T> ZGradient { get; } = memory.Zeros(rows, channels);
    }
}
