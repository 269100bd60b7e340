using System.Collections.Immutable;
using System.Numerics;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Learning.Layered;

/// <summary>The layers of a network's plan, and where each of their weights stands among the network's parameters.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LayerStack<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory;
    private readonly ParameterLayout _layout;
    private readonly List<Layer<T>> _layers = [];
    private readonly List<(int Rows, int Columns)> _sizes = [];
    private readonly List<LayerPlan.Convolution?> _norms = [];
    private readonly List<int> _entries = [];
    private readonly List<int> _places = [];
    // What the next layer reads: images, or vectors of one pixel. Channels are padded to whole vectors but for inputs.
    private int _height;
    private int _width;
    private int _channels;
    private int _realChannels;
    private bool _hasRowOfPixel;

    /// <summary>Makes the layers.</summary>
    /// <param name="memory">Holds their matrices.</param>
    /// <param name="plan">What to make.</param>
    /// <param name="layout">Layout of the network's parameters.</param>
    /// <param name="input">Shape of one input.</param>
    public LayerStack(NativeMemory<T> memory, ImmutableArray<LayerPlan> plan, ParameterLayout layout, InputShape input)
    {
        (_memory, _layout) = (memory, layout);
        IsOfImages = LayerPlan.IsOfImages(plan);
        (_height, _width, _channels) = IsOfImages ? (input.Height, input.Width, input.Channels) : (1, 1, input.Length);
        (_realChannels, _hasRowOfPixel) = (_channels, IsOfImages);
        foreach (LayerPlan layer in plan)
        {
            Add(layer);
        }
    }

    /// <summary>Whether the first layer reads images, channels last, instead of vectors.</summary>
    public bool IsOfImages { get; }

    /// <summary>The layers.</summary>
    public ImmutableArray<Layer<T>> Layers => [.. _layers];

    /// <summary>For each layer with batch norm what it was made of.</summary>
    public ImmutableArray<LayerPlan.Convolution?> Norms => [.. _norms];

    /// <summary>Rows and columns of each weight, padded.</summary>
    public ImmutableArray<(int Rows, int Columns)> Sizes => [.. _sizes];

    /// <summary>The parameter that each weight is, by its position.</summary>
    public ImmutableArray<int> Entries => [.. _entries];

    /// <summary>Where each number of the weights is in a vector of the parameters; -1 for padding.</summary>
    public int[] Places => [.. _places];

    /// <summary>Number of outputs of the head, without padding.</summary>
    public int Outputs => _realChannels;

    private void Add(LayerPlan layer)
    {
        switch (layer)
        {
            case LayerPlan.Convolution convolution:
            {
                ImmutableArray<int> shape = _layout.Entries[convolution.Weight].Shape;
                int filters = Padded(shape[0]);
                var block = new ConvolutionLayer<T>(
                    _memory, new Patches(_height, _width, _channels, shape[2], convolution.Stride, convolution.Padding), filters, convolution.Pools);
                Add(block, convolution);
                PlaceProduct(convolution.Weight, shape[2] * shape[3], filters);
                PlaceRow(convolution.Gain, filters);
                PlaceRow(convolution.Shift, filters);
                ((_height, _width), _channels, _realChannels) = (block.OutputSize, filters, shape[0]);
                break;
            }

            case LayerPlan.RectifiedConvolution convolution:
            {
                ImmutableArray<int> shape = _layout.Entries[convolution.Weight].Shape;
                int filters = Padded(shape[0]);
                var patches = new Patches(_height, _width, _channels, shape[2], convolution.Stride, convolution.Padding);
                Add(new PatchLayer<T>(_memory, patches));
                Add(new DenseLayer<T>(_memory, patches.Length, filters, isRectified: true, patches.OutputPixels));
                PlaceProduct(convolution.Weight, shape[2] * shape[3], filters);
                PlaceRow(convolution.Bias, filters);
                (_height, _width, _channels, _realChannels) = (patches.OutputHeight, patches.OutputWidth, filters, shape[0]);
                break;
            }

            case LayerPlan.AveragePool pool:
                Add(new AveragePool<T>(_memory, _height, _width, _channels, pool.Side));
                (_height, _width, _hasRowOfPixel) = (pool.Side, pool.Side, false);
                break;
            case LayerPlan.Dense dense when !_hasRowOfPixel:
            {
                int outputs = _layout.Entries[dense.Weight].Shape[0];
                Add(new DenseLayer<T>(_memory, _height * _width * _channels, Padded(outputs), dense.IsRectified));
                PlaceProduct(dense.Weight, _height * _width, Padded(outputs));
                PlaceRow(dense.Bias, Padded(outputs));
                (_height, _width, _channels, _realChannels) = (1, 1, Padded(outputs), outputs);
                break;
            }

            default:
                throw new InvalidOperationException($"There is no layer {layer}, or not here: fully connected layers read vectors or pooled images.");
        }
    }

    private void Add(Layer<T> layer, LayerPlan.Convolution? norm = null)
    {
        layer.First = _sizes.Count;
        _sizes.AddRange(layer.Weights);
        _norms.Add(norm);
        _layers.Add(layer);
    }

    // A weight [outputs, channels, pixels] as [pixels · channels, outputs], for products with rows of pixels, channels last.
    private void PlaceProduct(int entry, int pixels, int outputs)
    {
        int realOutputs = _layout.Entries[entry].Shape[0];
        _entries.Add(entry);
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int channel = 0; channel < _channels; channel++)
            {
                for (int output = 0; output < outputs; output++)
                {
                    _places.Add(channel < _realChannels && output < realOutputs
                        ? _layout.Offsets[entry] + (output * _realChannels + channel) * pixels + pixel : -1);
                }
            }
        }
    }

    private void PlaceRow(int entry, int outputs)
    {
        int real = _layout.Entries[entry].Length;
        _entries.Add(entry);
        _places.AddRange(Enumerable.Range(0, outputs).Select(output => output < real ? _layout.Offsets[entry] + output : -1));
    }

    /// <summary>Rounded up to whole vectors.</summary>
    public static int Padded(int channels) => (channels + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;
}
