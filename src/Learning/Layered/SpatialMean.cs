using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>The mean of each channel over the pixels of an image.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="memory">Holds its matrices.</param>
/// <param name="pixels">Pixels of an image.</param>
/// <param name="channels">Channels, padded.</param>
internal sealed unsafe class SpatialMean<T>(NativeMemory<T> memory, int pixels, int channels) : Layer<T>(memory) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [];

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new(Memory, images, channels);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        OutputTangent = Memory.Zeros(images, channels);
        OutputGradientTangent = Memory.Zeros(images, channels);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, Tape<T>? statistics = null) => Mean(input, tape.Output);

    /// <inheritdoc />
    public override void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient) =>
        Spread(tape.OutputGradient, inputGradient!);

    /// <inheritdoc />
    public override void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction) =>
        Mean(inputTangent!, OutputTangent);

    /// <inheritdoc />
    public override void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent) =>
        Spread(OutputGradientTangent, inputGradientTangent!);

    private void Mean(Matrix<T> input, Matrix<T> output)
    {
        output.Span.Clear();
        Vector<T> share = Vector.Create(T.One / T.CreateChecked(pixels));
        for (int image = 0; image < output.Rows; image++)
        {
            T* mean = output.Data + image * channels;
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                T* row = input.Data + (nint)(image * pixels + pixel) * channels;
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    (Vector.Load(mean + c) + Vector.Load(row + c)).Store(mean + c);
                }
            }

            for (int c = 0; c < channels; c += Vector<T>.Count)
            {
                (Vector.Load(mean + c) * share).Store(mean + c);
            }
        }
    }

    private void Spread(Matrix<T> ofMean, Matrix<T> ofPixels)
    {
        Vector<T> share = Vector.Create(T.One / T.CreateChecked(pixels));
        for (int image = 0; image < ofMean.Rows; image++)
        {
            for (int pixel = 0; pixel < pixels; pixel++)
            {
                T* row = ofPixels.Data + (nint)(image * pixels + pixel) * channels;
                for (int c = 0; c < channels; c += Vector<T>.Count)
                {
                    (Vector.Load(ofMean.Data + image * channels + c) * share).Store(row + c);
                }
            }
        }
    }
}
