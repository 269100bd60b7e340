using System.Collections.Immutable;
using System.Numerics;

namespace MetaMap.Learning.Layered;

/// <summary>
/// Convolution, batch norm by the statistics of the batch, ReLU, and optional 2x2 max-pooling. The convolution's bias is left
/// out, since batch norm cancels it: its gradient is zero.
/// </summary>
/// <remarks>Weights: filters [patch, channels], gain and shift [1, channels].</remarks>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class ConvolutionLayer<T> : Layer<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Patches are made for a few images at a time, so that they stay in the cache.
    private const int PatchBytes = 512 << 10;

    private readonly Patches _patches;
    private readonly Normalization<T> _norm;
    private readonly Activation<T> _activation;
    private readonly int _channels;
    private readonly bool _pools;
    private readonly int _imagesAtOnce;
    private readonly int _pixels;
    private readonly Dictionary<int, (Matrix<T> Patches, Matrix<T> Tangents)> _rooms = [];
    private readonly Matrix<T> _coefficients;
    private readonly Matrix<T> _scaleTangent;
    private Matrix<T> _xTangent = null!;
    private Matrix<T> _zGradientTangent = null!;
    private ImmutableArray<Matrix<T>> _xTangentChunks = [];
    private ImmutableArray<Matrix<T>> _zGradientTangentChunks = [];

    /// <summary>Creates the layer.</summary>
    /// <param name="memory">Holds its matrices.</param>
    /// <param name="patches">Filters over its input.</param>
    /// <param name="channels">Channels of its output, padded.</param>
    /// <param name="pools">Take the maximum of each 2x2 window.</param>
    public ConvolutionLayer(NativeMemory<T> memory, Patches patches, int channels, bool pools) : base(memory)
    {
        _patches = patches;
        _channels = channels;
        _pools = pools;
        _pixels = patches.OutputHeight * patches.OutputWidth;
        _norm = new Normalization<T>(memory, channels);
        _activation = new Activation<T>(memory, patches.OutputHeight, patches.OutputWidth, channels, pools);
        _imagesAtOnce = Math.Max(1, PatchBytes / (_pixels * patches.Length * sizeof(T)));
        _coefficients = Memory.Zeros(5, channels);
        _scaleTangent = Memory.Zeros(1, channels);
    }

    /// <inheritdoc />
    public override IReadOnlyList<(int Rows, int Columns)> Weights => [(_patches.Length, _channels), (1, _channels), (1, _channels)];

    /// <summary>Sizes of an output image.</summary>
    public (int Height, int Width) OutputSize => (_activation.OutputHeight, _activation.OutputWidth);

    /// <inheritdoc />
    public override Tape<T> NewTape(int images) => new ConvolutionTape(this, images);

    /// <inheritdoc />
    public override void PrepareTangents(int images)
    {
        _xTangent = Memory.Zeros(images * _pixels, _channels);
        _zGradientTangent = Memory.Zeros(images * _pixels, _channels);
        _xTangentChunks = Chunks(_xTangent, images);
        _zGradientTangentChunks = Chunks(_zGradientTangent, images);
        int outputs = images * _activation.OutputHeight * _activation.OutputWidth;
        OutputTangent = Memory.Zeros(outputs, _channels);
        OutputGradientTangent = Memory.Zeros(outputs, _channels);
    }

    /// <inheritdoc />
    public override void Forward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, NormStatistics<T>? statistics = null)
    {
        var own = (ConvolutionTape)tape;
        for (int chunk = 0; chunk < own.XChunks.Length; chunk++)
        {
            own.XChunks[chunk].Product(Gather(input, chunk, own.Images).Patches, weights[First]);
        }

        if (statistics is not null)
        {
            _norm.NormalizeBy(own.X.Data, own.X.Rows, statistics.Mean.Data, statistics.Scale.Data);
        }
        else
        {
            _norm.Normalize(own.X.Data, own.X.Rows, own.Norm!.Mean.Data, own.Scale.Data);
        }

        _activation.Activate(own.X.Data, own.Images, weights[First + 1].Data, weights[First + 2].Data, own.Output.Data, own.Winners);
    }

    /// <inheritdoc />
    public override void Backward(Tape<T> tape, Matrix<T> input, WeightSet<T> weights, WeightSet<T> gradient, Matrix<T>? inputGradient)
    {
        var own = (ConvolutionTape)tape;
        T* shiftSum = gradient[First + 2].Data;
        T* gainSum = gradient[First + 1].Data;
        _activation.Sum(own.X.Data, own.Images, own.Output.Data, own.Winners, own.OutputGradient.Data, shiftSum, gainSum);
        Spread(own, weights, shiftSum, gainSum);
        for (int chunk = 0; chunk < own.XChunks.Length; chunk++)
        {
            (Matrix<T> patches, Matrix<T> room) = Gather(input, chunk, own.Images);
            gradient[First].ProductOfTransposed(patches, own.ZGradientChunks[chunk], add: chunk > 0);
            if (inputGradient is not null)
            {
                room.ProductWithTransposed(own.ZGradientChunks[chunk], weights[First]);
                Scatter(room, inputGradient, chunk, own.Images);
            }
        }
    }

    /// <inheritdoc />
    public override void Tangent(Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction)
    {
        var own = (ConvolutionTape)tape;
        for (int chunk = 0; chunk < own.XChunks.Length; chunk++)
        {
            (Matrix<T> patches, Matrix<T> room) = Gather(input, chunk, own.Images);
            _xTangentChunks[chunk].Product(patches, direction[First]);
            if (inputTangent is not null)
            {
                Gather(inputTangent, chunk, own.Images, room);
                _xTangentChunks[chunk].Product(room, weights[First], add: true);
            }
        }

        _norm.NormalizeTangent(own.X.Data, own.X.Rows, own.Scale.Data, _xTangent.Data, ScaleTangent);
        _activation.ActivateTangent(
            own.X.Data, _xTangent.Data, own.Images, weights[First + 1].Data, direction[First + 1].Data, direction[First + 2].Data, own.Output.Data, own.Winners,
            OutputTangent.Data);
    }

    /// <inheritdoc />
    public override void TangentBackward(
        Tape<T> tape, Matrix<T> input, Matrix<T>? inputTangent, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product, Matrix<T>? inputGradientTangent)
    {
        var own = (ConvolutionTape)tape;
        T* shiftSum = product[First + 2].Data;
        T* gainSum = product[First + 1].Data;
        _activation.Sum(own.X.Data, own.Images, own.Output.Data, own.Winners, own.OutputGradient.Data, shiftSum, gainSum, _xTangent.Data, OutputGradientTangent.Data);
        SpreadTangent(own, weights, direction, shiftSum, gainSum);
        for (int chunk = 0; chunk < own.XChunks.Length; chunk++)
        {
            (Matrix<T> patches, Matrix<T> room) = Gather(input, chunk, own.Images);
            product[First].ProductOfTransposed(patches, _zGradientTangentChunks[chunk], add: chunk > 0);
            if (inputTangent is not null)
            {
                Gather(inputTangent, chunk, own.Images, room);
                product[First].ProductOfTransposed(room, own.ZGradientChunks[chunk], add: true);
            }

            if (inputGradientTangent is not null)
            {
                room.ProductWithTransposed(_zGradientTangentChunks[chunk], weights[First]);
                room.ProductWithTransposed(own.ZGradientChunks[chunk], direction[First], add: true);
                Scatter(room, inputGradientTangent, chunk, own.Images);
            }
        }
    }

    private T* ScaleTangent => _scaleTangent.Data;

    // The gradient by the values before normalisation, g s (dY - mean dY - x mean(dY x)).
    private void Spread(ConvolutionTape own, WeightSet<T> weights, T* shiftSum, T* gainSum)
    {
        T n = T.CreateChecked(own.X.Rows);
        T* c = _coefficients.Data;
        for (int i = 0; i < _channels; i++)
        {
            T factor = weights[First + 1].Data[i] * own.Scale.Data[i];
            own.Means.Data[i] = shiftSum[i] / n;
            own.Means.Data[_channels + i] = gainSum[i] / n;
            c[i] = factor;
            c[_channels + i] = -factor * own.Means.Data[i];
            c[2 * _channels + i] = -factor * own.Means.Data[_channels + i];
        }

        _activation.Spread(own.X.Data, own.Images, own.Output.Data, own.Winners, own.OutputGradient.Data, c, own.ZGradient.Data);
    }

    // Its tangent, (g· s + g s·) E + g s (dY· - mean dY· - x· mean(dY x) - x mean(dY x)·) with E = dY - mean dY - x mean(dY x).
    private void SpreadTangent(ConvolutionTape own, WeightSet<T> weights, WeightSet<T> direction, T* shiftSum, T* gainSum)
    {
        T n = T.CreateChecked(own.X.Rows);
        T* c = _coefficients.Data;
        for (int i = 0; i < _channels; i++)
        {
            T gain = weights[First + 1].Data[i];
            T factor = gain * own.Scale.Data[i];
            T factorTangent = direction[First + 1].Data[i] * own.Scale.Data[i] + gain * ScaleTangent[i];
            c[i] = factor;
            c[_channels + i] = -factor * shiftSum[i] / n - factorTangent * own.Means.Data[i];
            c[2 * _channels + i] = -factor * gainSum[i] / n - factorTangent * own.Means.Data[_channels + i];
            c[3 * _channels + i] = -factor * own.Means.Data[_channels + i];
            c[4 * _channels + i] = factorTangent;
        }

        _activation.Spread(
            own.X.Data, own.Images, own.Output.Data, own.Winners, OutputGradientTangent.Data, c, _zGradientTangent.Data, _xTangent.Data, own.OutputGradient.Data);
    }

    private (Matrix<T> Patches, Matrix<T> Room) Gather(Matrix<T> input, int chunk, int images)
    {
        int count = Math.Min(_imagesAtOnce, images - chunk * _imagesAtOnce);
        if (!_rooms.TryGetValue(count, out (Matrix<T> Patches, Matrix<T> Tangents) room))
        {
            _rooms[count] = room = (Memory.Zeros(count * _pixels, _patches.Length), Memory.Zeros(count * _pixels, _patches.Length));
        }

        Gather(input, chunk, images, room.Patches);
        return room;
    }

    private void Gather(Matrix<T> input, int chunk, int images, Matrix<T> patches) =>
        _patches.Gather(Images(input, chunk), Math.Min(_imagesAtOnce, images - chunk * _imagesAtOnce), patches.Data);

    private void Scatter(Matrix<T> patches, Matrix<T> input, int chunk, int images) =>
        _patches.Scatter(patches.Data, Math.Min(_imagesAtOnce, images - chunk * _imagesAtOnce), Images(input, chunk));

    private T* Images(Matrix<T> input, int chunk) => input.Data + (nint)chunk * _imagesAtOnce * _patches.Height * _patches.Width * _patches.Channels;

    private ImmutableArray<Matrix<T>> Chunks(Matrix<T> rows, int images) =>
    [
        .. Enumerable.Range(0, (images + _imagesAtOnce - 1) / _imagesAtOnce)
            .Select(chunk => rows.Slice(chunk * _imagesAtOnce * _pixels, Math.Min(_imagesAtOnce, images - chunk * _imagesAtOnce) * _pixels)),
    ];

    private sealed class ConvolutionTape : Tape<T>
    {
        private readonly Matrix<T>? _winners;

        public ConvolutionTape(ConvolutionLayer<T> layer, int images)
            : base(layer.Memory, images * layer._activation.OutputHeight * layer._activation.OutputWidth, layer._channels)
        {
            NativeMemory<T> memory = layer.Memory;
            Images = images;
            X = memory.Zeros(images * layer._pixels, layer._channels);
            XChunks = layer.Chunks(X, images);
            ZGradient = memory.Zeros(images * layer._pixels, layer._channels);
            ZGradientChunks = layer.Chunks(ZGradient, images);
            Norm = new NormStatistics<T>(memory.Zeros(1, layer._channels), memory.Zeros(1, layer._channels));
            Means = memory.Zeros(2, layer._channels);
            _winners = layer._pools ? memory.Zeros(Output.Rows, Output.Columns) : null;
        }

        public int Images { get; }

        /// <summary>Normalised values.</summary>
        public Matrix<T> X { get; }

        public ImmutableArray<Matrix<T>> XChunks { get; }

        /// <summary>Gradient by the values before normalisation.</summary>
        public Matrix<T> ZGradient { get; }

        public ImmutableArray<Matrix<T>> ZGradientChunks { get; }

        /// <summary>1 / sqrt(variance + 1e-5) of the values before normalisation.</summary>
        public Matrix<T> Scale => Norm!.Scale;

        /// <summary>Means of dY and of dY x.</summary>
        public Matrix<T> Means { get; }

        public T* Winners => _winners is null ? null : _winners.Data;
    }
}
