using System.Collections.Immutable;
using System.Numerics;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Learning.Layered;

/// <summary>A list of layers with their weights in one piece, padded to whole vectors. Belongs to one lane.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class LayeredNetwork<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory;
    private readonly ImmutableArray<Layer<T>> _layers;
    private readonly ImmutableArray<(int Rows, int Columns)> _sizes;
    private readonly int[] _places;
    private readonly InputShape _input;
    private readonly bool _isOfImages;

    /// <summary>Creates a network.</summary>
    /// <param name="memory">Holds its matrices.</param>
    /// <param name="plan">Its layers.</param>
    /// <param name="layout">Layout of its parameters.</param>
    /// <param name="input">Shape of one input.</param>
    public LayeredNetwork(NativeMemory<T> memory, ImmutableArray<LayerPlan> plan, ParameterLayout layout, InputShape input)
    {
        var layers = ImmutableArray.CreateBuilder<Layer<T>>(plan.Length);
        var sizes = ImmutableArray.CreateBuilder<(int, int)>();
        List<int> places = [];
        _memory = memory;
        _input = input;
        _isOfImages = plan[0] is LayerPlan.Convolution;
        (int height, int width, int channels) = _isOfImages ? (input.Height, input.Width, input.Channels) : (1, 1, input.Length);
        int realChannels = channels;
        foreach (LayerPlan layer in plan)
        {
            Layer<T> made;
            switch (layer)
            {
                case LayerPlan.Convolution convolution:
                {
                    ImmutableArray<int> shape = layout.Entries[convolution.Weight].Shape;
                    int filters = Padded(shape[0]);
                    var block = new ConvolutionLayer<T>(memory, new Patches(height, width, channels, shape[2], convolution.Stride, convolution.Padding), filters, convolution.Pools);
                    made = block;
                    for (int pixel = 0; pixel < shape[2] * shape[3]; pixel++)
                    {
                        for (int channel = 0; channel < channels; channel++)
                        {
                            Place(filters, filter => channel < realChannels && filter < shape[0]
                                ? layout.Offsets[convolution.Weight] + (filter * realChannels + channel) * shape[2] * shape[3] + pixel : -1);
                        }
                    }

                    Place(filters, filter => filter < shape[0] ? layout.Offsets[convolution.Gain] + filter : -1);
                    Place(filters, filter => filter < shape[0] ? layout.Offsets[convolution.Shift] + filter : -1);
                    ((height, width), channels, realChannels) = (block.OutputSize, filters, shape[0]);
                    break;
                }

                case LayerPlan.SpatialMean:
                    made = new SpatialMean<T>(memory, height * width, channels);
                    (height, width) = (1, 1);
                    break;
                case LayerPlan.Dense dense:
                {
                    ImmutableArray<int> shape = layout.Entries[dense.Weight].Shape;
                    int outputs = Padded(shape[0]);
                    made = new DenseLayer<T>(memory, channels, outputs, dense.IsRectified);
                    for (int from = 0; from < channels; from++)
                    {
                        Place(outputs, output => from < realChannels && output < shape[0] ? layout.Offsets[dense.Weight] + output * realChannels + from : -1);
                    }

                    Place(outputs, output => output < shape[0] ? layout.Offsets[dense.Bias] + output : -1);
                    (channels, realChannels) = (outputs, shape[0]);
                    break;
                }

                default:
                    throw new InvalidOperationException($"There is no layer {layer}.");
            }

            made.First = sizes.Count;
            sizes.AddRange(made.Weights);
            layers.Add(made);
        }

        (_layers, _sizes, _places, Outputs) = (layers.MoveToImmutable(), sizes.ToImmutable(), [.. places], realChannels);

        void Place(int count, Func<int, int> place) => places.AddRange(Enumerable.Range(0, count).Select(place));
    }

    /// <summary>Number of outputs of the head, without padding.</summary>
    public int Outputs { get; }

    /// <summary>Zeros in the shape of the weights.</summary>
    public WeightSet<T> NewWeights() => new(_memory, _sizes);

    /// <summary>Allocates memory for a forward pass.</summary>
    public LayeredPass<T> NewPass(int examples) => new(
        _memory.Zeros(_isOfImages ? examples * _input.Height * _input.Width : examples, _isOfImages ? _input.Channels : _input.Length), examples, Outputs,
        [.. _layers.Select(layer => layer.NewTape(examples))]);

    /// <summary>Allocates memory for <see cref="HessianProduct"/> of passes with this number of examples.</summary>
    public void PrepareTangents(int examples)
    {
        foreach (Layer<T> layer in _layers)
        {
            layer.PrepareTangents(examples);
        }
    }

    /// <summary>Copies weights, or anything of the parameters' layout, from a vector; padding stays zero.</summary>
    public void Read(ReadOnlySpan<float> vector, WeightSet<T> weights)
    {
        Span<T> into = weights.Span;
        for (int i = 0; i < _places.Length; i++)
        {
            into[i] = _places[i] < 0 ? T.Zero : T.CreateTruncating(vector[_places[i]]);
        }
    }

    /// <summary>Copies weights, or anything of their shape, into a vector; parameters that no layer has keep their values.</summary>
    public void Write<TNumber>(WeightSet<T> weights, Span<TNumber> vector)
        where TNumber : INumberBase<TNumber>
    {
        Span<T> from = weights.Span;
        for (int i = 0; i < _places.Length; i++)
        {
            if (_places[i] >= 0)
            {
                vector[_places[i]] = TNumber.CreateTruncating(from[i]);
            }
        }
    }

    /// <summary>Copies inputs into a pass: images with their channels last.</summary>
    public void Load(ReadOnlySpan<float> inputs, LayeredPass<T> pass)
    {
        Span<T> into = pass.Input.Span;
        int channels = _isOfImages ? _input.Channels : 1;
        int pixels = _input.Length / channels;
        for (int example = 0; example < pass.Examples; example++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int pixel = 0; pixel < pixels; pixel++)
                {
                    into[(example * pixels + pixel) * channels + channel] = T.CreateTruncating(inputs[(example * channels + channel) * pixels + pixel]);
                }
            }
        }
    }

    /// <summary>Computes the outputs of a pass.</summary>
    /// <param name="pass">A loaded pass.</param>
    /// <param name="weights">The weights to use.</param>
    /// <param name="statistics">Another pass, by whose statistics batch norm normalises; null for its own.</param>
    public void Forward(LayeredPass<T> pass, WeightSet<T> weights, LayeredPass<T>? statistics = null)
    {
        Matrix<T> input = pass.Input;
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Forward(pass.Tapes[i], input, weights, statistics?.Tapes[i]);
            input = pass.Tapes[i].Output;
        }
    }

    /// <summary>Turns the gradient by the outputs, from the last tape, into that by the weights.</summary>
    public void Backward(LayeredPass<T> pass, WeightSet<T> weights, WeightSet<T> gradient)
    {
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            _layers[i].Backward(pass.Tapes[i], i == 0 ? pass.Input : pass.Tapes[i - 1].Output, weights, gradient, i == 0 ? null : pass.Tapes[i - 1].OutputGradient);
        }
    }

    /// <summary>The Hessian of a pass's loss times a direction (Pearlmutter 1994), by one tangent pass forward and one backward.</summary>
    /// <param name="pass">A pass after <see cref="Forward"/> and <see cref="Backward"/>.</param>
    /// <param name="weights">The weights of that pass.</param>
    /// <param name="direction">Of the weights' shape.</param>
    /// <param name="product">Receives the product.</param>
    public void HessianProduct(LayeredPass<T> pass, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Tangent(pass.Tapes[i], i == 0 ? pass.Input : pass.Tapes[i - 1].Output, i == 0 ? null : _layers[i - 1].OutputTangent, weights, direction);
        }

        pass.Loss.Tangent(pass.Outputs, _layers[^1].OutputTangent, _layers[^1].OutputGradientTangent);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            _layers[i].TangentBackward(
                pass.Tapes[i], i == 0 ? pass.Input : pass.Tapes[i - 1].Output, i == 0 ? null : _layers[i - 1].OutputTangent, weights, direction, product,
                i == 0 ? null : _layers[i - 1].OutputGradientTangent);
        }
    }

    private static int Padded(int channels) => (channels + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;
}
