using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Layered;
using TorchSharp;

namespace MetaMap.Learning.Batched;

/// <summary>A list of layers over tasks side by side. Weights are, layer by layer, what <see cref="TaskLayer.Arranged"/> makes of the parameters.</summary>
internal sealed class TaskNetwork
{
    private readonly ImmutableArray<TaskLayer> _layers;
    private readonly ParameterLayout _layout;
    private readonly InputShape _input;
    private readonly bool _isOfImages;
    // Layers before the first one with weights have nothing to differentiate.
    private readonly int _first;

    /// <summary>Creates a network.</summary>
    /// <param name="plan">Its layers.</param>
    /// <param name="layout">Of its parameters.</param>
    /// <param name="input">One input.</param>
    public TaskNetwork(ImmutableArray<LayerPlan> plan, ParameterLayout layout, InputShape input)
    {
        var layers = ImmutableArray.CreateBuilder<TaskLayer>();
        bool isOfImages = LayerPlan.IsOfImages(plan);
        (int height, int width, int channels) = isOfImages ? (input.Height, input.Width, input.Channels) : (1, 1, input.Length);
        foreach (LayerPlan layer in plan)
        {
            switch (layer)
            {
                case LayerPlan.Convolution convolution:
                {
                    TaskPatches patches = Patches(convolution.Weight, convolution.Stride, convolution.Padding);
                    var block = new TaskConvolution(convolution, patches);
                    ((height, width), channels) = (block.OutputSize, layout.Entries[convolution.Weight].Shape[0]);
                    layers.Add(block);
                    break;
                }

                case LayerPlan.RectifiedConvolution convolution:
                {
                    TaskPatches patches = Patches(convolution.Weight, convolution.Stride, convolution.Padding);
                    (height, width, channels) = (patches.OutputHeight, patches.OutputWidth, layout.Entries[convolution.Weight].Shape[0]);
                    layers.Add(new TaskPatchLayer(patches));
                    layers.Add(new TaskDense(convolution.Weight, convolution.Bias, isRectified: true, patches.Side * patches.Side));
                    break;
                }

                case LayerPlan.AveragePool pool:
                    layers.Add(pool.Side == 1 ? new TaskMean(height * width) : new TaskAveragePool(height, width, pool.Side));
                    (height, width) = (pool.Side, pool.Side);
                    break;
                case LayerPlan.Dense dense:
                    layers.Add(new TaskDense(dense.Weight, dense.Bias, dense.IsRectified, height * width));
                    (height, width, channels) = (1, 1, layout.Entries[dense.Weight].Shape[0]);
                    break;
                default:
                    throw new InvalidOperationException($"There is no layer {layer}.");
            }
        }

        (_layers, _layout, _input, _isOfImages) = (layers.ToImmutable(), layout, input, isOfImages);
        _first = _layers.TakeWhile(layer => layer.Parameters.Count == 0).Count();

        TaskPatches Patches(int weight, int stride, int padding) => new(height, width, channels, layout.Entries[weight].Shape[2], stride, padding);
    }

    /// <summary>Frees what the layers keep from pass to pass.</summary>
    public void Release()
    {
        foreach (TaskLayer layer in _layers)
        {
            layer.Release();
        }
    }

    /// <summary>For each layer with batch norm what it was made of.</summary>
    public ImmutableArray<LayerPlan.Convolution?> Norms => [.. _layers.Select(layer => (layer as TaskConvolution)?.Plan)];

    /// <summary>Arranges anything of the parameters' layout, the same for every task: [1, rows, channels] each.</summary>
    /// <param name="parameters">One tensor for each of the network's parameters.</param>
    public torch.Tensor[][] Arranged(IReadOnlyList<torch.Tensor> parameters) =>
    [
        .. _layers.Select(layer => layer.Parameters.Select((parameter, weight) => layer.Arranged(weight, parameters[parameter]).unsqueeze(0)).ToArray()),
    ];

    /// <summary>Maps something of the weights' shape, part by part, given the parameter that each part is.</summary>
    public torch.Tensor[][] Each(torch.Tensor[][] weights, Func<int, torch.Tensor, torch.Tensor> map) =>
        [.. weights.Select((ofLayer, layer) => ofLayer.Select((tensor, weight) => map(_layers[layer].Parameters[weight], tensor)).ToArray())];

    /// <summary>Adds up over all tasks something of the weights' shape, back in the parameters' layout.</summary>
    /// <param name="weights">[tasks, rows, channels] each.</param>
    /// <param name="only">Which parameters.</param>
    /// <param name="act">Receives the parameter and the sum.</param>
    public void Restore(torch.Tensor[][] weights, Func<int, bool> only, Action<int, torch.Tensor> act)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            for (int weight = 0; weight < weights[i].Length; weight++)
            {
                int parameter = _layers[i].Parameters[weight];
                if (only(parameter))
                {
                    act(parameter, _layers[i].Restored(weight, weights[i][weight].sum([0]), _layout.Entries[parameter].Shape));
                }
            }
        }
    }

    /// <summary>Inputs of all tasks, [tasks · examples, …sizes of one input], as rows of the first layer.</summary>
    public torch.Tensor Rows(torch.Tensor inputs, int tasks) => _isOfImages
        ? inputs.reshape(-1, _input.Channels, _input.Height, _input.Width).permute(0, 2, 3, 1).reshape(tasks, -1, _input.Channels)
        : inputs.reshape(tasks, -1, _input.Length);

    /// <summary>Computes the outputs.</summary>
    /// <param name="rows">As <see cref="Rows"/> gives them.</param>
    /// <param name="weights">Of every task.</param>
    /// <param name="statistics">What batch norm normalises by, layer by layer; null for the statistics of the rows.</param>
    /// <returns>A tape for each layer; the last one's output is that of the head.</returns>
    public ImmutableArray<TaskTape> Forward(torch.Tensor rows, torch.Tensor[][] weights, IReadOnlyList<TaskNorm?>? statistics = null)
    {
        var tapes = ImmutableArray.CreateBuilder<TaskTape>(_layers.Length);
        for (int i = 0; i < _layers.Length; i++)
        {
            using DisposeScope between = torch.NewDisposeScope();
            TaskTape tape = _layers[i].Forward(i == 0 ? rows : tapes[i - 1].Output, weights[i], statistics?[i]);
            Keep(between, tape.Kept);
            tapes.Add(tape);
        }

        return tapes.MoveToImmutable();
    }

    /// <summary>From the gradient by the outputs to that by the weights.</summary>
    public torch.Tensor[][] Backward(ImmutableArray<TaskTape> tapes, torch.Tensor outputGradient, torch.Tensor[][] weights)
    {
        torch.Tensor[][] gradient = [.. _layers.Select(_ => Array.Empty<torch.Tensor>())];
        torch.Tensor? ofOutput = outputGradient;
        for (int i = _layers.Length - 1; i >= _first; i--)
        {
            using DisposeScope between = torch.NewDisposeScope();
            (gradient[i], ofOutput) = _layers[i].Backward(tapes[i], ofOutput!, weights[i], wantsInput: i > _first);
            Keep(between, [.. gradient[i], ofOutput, .. tapes[i].Kept]);
        }

        return gradient;
    }

    /// <summary>The Hessian of a loss times a direction (Pearlmutter 1994), after <see cref="Backward"/>: one tangent forward, one backward.</summary>
    /// <param name="tapes">What the layers kept of the pass.</param>
    /// <param name="loss">What the loss kept of the pass.</param>
    /// <param name="weights">Of every task.</param>
    /// <param name="direction">Of the weights' shape.</param>
    public torch.Tensor[][] HessianProduct(ImmutableArray<TaskTape> tapes, TaskLoss loss, torch.Tensor[][] weights, torch.Tensor[][] direction)
    {
        // What the tapes get here is for this product alone.
        using DisposeScope ofProduct = torch.NewDisposeScope();
        var inputs = new torch.Tensor?[_layers.Length + 1];
        for (int i = _first; i < _layers.Length; i++)
        {
            inputs[i + 1] = _layers[i].Tangent(tapes[i], inputs[i], weights[i], direction[i]);
        }

        torch.Tensor[][] product = [.. _layers.Select(_ => Array.Empty<torch.Tensor>())];
        torch.Tensor? ofOutput = loss.GradientTangent(inputs[^1]!);
        for (int i = _layers.Length - 1; i >= _first; i--)
        {
            using DisposeScope between = torch.NewDisposeScope();
            (product[i], ofOutput) = _layers[i].TangentBackward(tapes[i], inputs[i], ofOutput!, weights[i], direction[i], wantsInput: i > _first);
            Keep(between, [.. product[i], ofOutput]);
        }

        Keep(ofProduct, product.SelectMany(layer => layer));
        return product;
    }

    private static void Keep(DisposeScope scope, IEnumerable<torch.Tensor?> tensors) => scope.MoveToOuter(tensors.OfType<torch.Tensor>());
}
