using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>A fully connected layer, with or without ReLU.</summary>
/// <remarks>Weights: [inputs, outputs] and the shift [1, outputs].</remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="inputs">Number of inputs, padded.</param>
/// <param name="outputs">Number of outputs, padded.</param>
/// <param name="isRectified">With ReLU.</param>
internal sealed unsafe class DenseLayer<T>(NativeMemory<T> memory, int inputs, int outputs, bool isRectified) : Layer<T>(memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Matrix<T> _zGradientTangent = null!;

    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [(inputs, outputs), (1, outputs)];

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new DenseTape(Memory, images, outputs);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        OutputTangent = Memory.Zeros(images, outputs);
        OutputGradientTangent = Memory.Zeros(images, outputs);
        _zGradientTangent = Memory.Zeros(images, outputs);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, Tape<T>? statistics = null)
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

    private void SumRows(Matrix<T> rows, Matrix<T> sum)
    {
        sum.Span.Clear();
        for (int r = 0; r < rows.Rows; r++)
        {
            for (int c = 0; c < outputs; c += Vector<T>.Count)
            {
                (Vector.Load(sum.Data + c) + Vector.Load(rows.Data + r * outputs + c)).Store(sum.Data + c);
            }
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
