using System.Collections.Immutable;
using System.Numerics;
using MetaMap.Core.Parameters;
using MetaMap.Data;

namespace MetaMap.Learning.Layered;

/// <summary>A list of layers with their weights in one piece, padded to whole vectors. Belongs to one lane.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed class LayeredNetwork<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NativeMemory<T> _memory;
    private readonly ImmutableArray<Layer<T>> _layers;
    private readonly ImmutableArray<(int Rows, int Columns)> _sizes;
    private readonly int[] _places;
    private readonly InputShape _input;
    private readonly bool _isOfImages;
    // Layers before the first one with weights have nothing to differentiate.
    private readonly int _first;

    /// <summary>Creates a network.</summary>
    /// <param name="memory">Holds its matrices.</param>
    /// <param name="plan">Its layers.</param>
    /// <param name="layout">Layout of its parameters.</param>
    /// <param name="input">Shape of one input.</param>
    public LayeredNetwork(NativeMemory<T> memory, ImmutableArray<LayerPlan> plan, ParameterLayout layout, InputShape input)
    {
        var stack = new LayerStack<T>(memory, plan, layout, input);
        (_memory, _input, _isOfImages) = (memory, input, stack.IsOfImages);
        (_layers, _sizes, _places, Outputs) = (stack.Layers, stack.Sizes, stack.Places, stack.Outputs);
        (Norms, Entries) = (stack.Norms, stack.Entries);
        _first = _layers.TakeWhile(layer => layer.Weights.Count == 0).Count();
    }

    /// <summary>Number of outputs of the head, without padding.</summary>
    public int Outputs { get; }

    /// <summary>For each layer with batch norm what it was made of.</summary>
    public ImmutableArray<LayerPlan.Convolution?> Norms { get; }

    /// <summary>The parameter that each part of the weights is, by its position.</summary>
    public ImmutableArray<int> Entries { get; }

    /// <summary>Zeros in the shape of the weights.</summary>
    public WeightSet<T> NewWeights() => new(_memory, _sizes);

    /// <summary>Allocates memory for a forward pass.</summary>
    public LayeredPass<T> NewPass(int examples) => new(
        _memory.Zeros(_isOfImages ? examples * _input.Height * _input.Width : examples, _isOfImages ? _input.Channels : _input.Length), examples, Outputs,
        [.. _layers.Select(layer => layer.NewTape(examples))]);

    /// <summary>Allocates memory for <see cref="HessianProduct"/> of passes with this number of examples.</summary>
    public void PrepareTangents(int examples)
    {
        foreach (Layer<T> layer in _layers[_first..])
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
    /// <param name="statistics">What batch norm normalises by, layer by layer; null for the statistics of the pass.</param>
    public void Forward(LayeredPass<T> pass, WeightSet<T> weights, ImmutableArray<NormStatistics<T>?>? statistics = null)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Forward(pass.Tapes[i], pass.InputOf(i), weights, statistics?[i]);
        }
    }

    /// <summary>Turns the gradient by the outputs, from the last tape, into that by the weights.</summary>
    public void Backward(LayeredPass<T> pass, WeightSet<T> weights, WeightSet<T> gradient)
    {
        for (int i = _layers.Length - 1; i >= _first; i--)
        {
            _layers[i].Backward(pass.Tapes[i], pass.InputOf(i), weights, gradient, i == _first ? null : pass.Tapes[i - 1].OutputGradient);
        }
    }

    /// <summary>The Hessian of a pass's loss times a direction (Pearlmutter 1994), by one tangent pass forward and one backward.</summary>
    /// <param name="pass">A pass after <see cref="Forward"/> and <see cref="Backward"/>.</param>
    /// <param name="weights">The weights of that pass.</param>
    /// <param name="direction">Of the weights' shape.</param>
    /// <param name="product">Receives the product.</param>
    public void HessianProduct(LayeredPass<T> pass, WeightSet<T> weights, WeightSet<T> direction, WeightSet<T> product)
    {
        for (int i = _first; i < _layers.Length; i++)
        {
            _layers[i].Tangent(pass.Tapes[i], pass.InputOf(i), i == _first ? null : _layers[i - 1].OutputTangent, weights, direction);
        }

        pass.Loss.Tangent(pass.Outputs, _layers[^1].OutputTangent, _layers[^1].OutputGradientTangent);
        for (int i = _layers.Length - 1; i >= _first; i--)
        {
            _layers[i].TangentBackward(
                pass.Tapes[i], pass.InputOf(i), i == _first ? null : _layers[i - 1].OutputTangent, weights, direction, product,
                i == _first ? null : _layers[i - 1].OutputGradientTangent);
        }
    }
}
