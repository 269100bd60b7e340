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

    /// <summary>Creates a network.</summary>
    /// <param name="plan">Its layers.</param>
    /// <param name="layout">Of its parameters.</param>
    /// <param name="input">One input.</param>
    public TaskNetwork(ImmutableArray<LayerPlan> plan, ParameterLayout layout, InputShape input)
    {
        var layers = ImmutableArray.CreateBuilder<TaskLayer>(plan.Length);
        (int height, int width, int channels) = (input.Height, input.Width, input.Channels);
        foreach (LayerPlan layer in plan)
        {
            switch (layer)
            {
                case LayerPlan.Convolution convolution:
                    ImmutableArray<int> shape = layout.Entries[convolution.Weight].Shape;
                    var block = new TaskConvolution(convolution, shape[2], (height, width, channels));
                    ((height, width), channels) = (block.OutputSize, shape[0]);
                    layers.Add(block);
                    break;
                case LayerPlan.SpatialMean:
                    layers.Add(new TaskMean(height * width));
                    break;
                case LayerPlan.Dense dense:
                    layers.Add(new TaskDense(dense.Weight, dense.Bias, dense.IsRectified));
                    break;
                default:
                    throw new InvalidOperationException($"There is no layer {layer}.");
            }
        }

        (_layers, _layout, _input, _isOfImages) = (layers.MoveToImmutable(), layout, input, plan[0] is LayerPlan.Convolution);
    }

    /// <summary>Arranges anything of the parameters' layout, the same for every task: [1, rows, channels] each.</summary>
    /// <param name="parameters">One tensor for each of the network's parameters.</param>
    public torch.Tensor[][] Arranged(IReadOnlyList<torch.Tensor> parameters) =>
    [
        .. _layers.Select(layer => layer.Parameters.Select((parameter, weight) => layer.Arranged(weight, parameters[parameter]).unsqueeze(0)).ToArray()),
    ];

    /// <summary>Writes the sum over all tasks of something of the weights' shape, back in the parameters' layout, to its place; other places are left alone.</summary>
    /// <param name="weights">[tasks, rows, channels] each.</param>
    /// <param name="parameters">One place for each of the network's parameters.</param>
    public void Restore(torch.Tensor[][] weights, torch.Tensor?[] parameters)
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            for (int weight = 0; weight < weights[i].Length; weight++)
            {
                int parameter = _layers[i].Parameters[weight];
                parameters[parameter] = _layers[i].Restored(weight, weights[i][weight].sum([0]), _layout.Entries[parameter].Shape);
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
    /// <param name="statistics">Another pass, by whose statistics batch norm normalises; null for its own.</param>
    /// <returns>A tape for each layer; the last one's output is that of the head.</returns>
    public ImmutableArray<TaskTape> Forward(torch.Tensor rows, torch.Tensor[][] weights, ImmutableArray<TaskTape>? statistics = null)
    {
        var tapes = ImmutableArray.CreateBuilder<TaskTape>(_layers.Length);
        for (int i = 0; i < _layers.Length; i++)
        {
            tapes.Add(_layers[i].Forward(i == 0 ? rows : tapes[i - 1].Output, weights[i], statistics?[i]));
        }

        return tapes.MoveToImmutable();
    }

    /// <summary>From the gradient by the outputs to that by the weights.</summary>
    public torch.Tensor[][] Backward(ImmutableArray<TaskTape> tapes, torch.Tensor outputGradient, torch.Tensor[][] weights)
    {
        var gradient = new torch.Tensor[_layers.Length][];
        torch.Tensor? ofOutput = outputGradient;
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            (gradient[i], ofOutput) = _layers[i].Backward(tapes[i], ofOutput!, weights[i], wantsInput: i > 0);
        }

        return gradient;
    }

    /// <summary>The Hessian of a loss times a direction (Pearlmutter 1994), after <see cref="Backward"/>: one tangent forward, one backward.</summary>
    /// <param name="tapes">Of the pass.</param>
    /// <param name="loss">Of the pass.</param>
    /// <param name="weights">Of every task.</param>
    /// <param name="direction">Of the weights' shape.</param>
    public torch.Tensor[][] HessianProduct(ImmutableArray<TaskTape> tapes, TaskLoss loss, torch.Tensor[][] weights, torch.Tensor[][] direction)
    {
        var inputs = new torch.Tensor?[_layers.Length + 1];
        for (int i = 0; i < _layers.Length; i++)
        {
            inputs[i + 1] = _layers[i].Tangent(tapes[i], inputs[i], weights[i], direction[i]);
        }

        var product = new torch.Tensor[_layers.Length][];
        torch.Tensor? ofOutput = loss.GradientTangent(inputs[^1]!);
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            (product[i], ofOutput) = _layers[i].TangentBackward(tapes[i], inputs[i], ofOutput!, weights[i], direction[i], wantsInput: i > 0);
        }

        return product;
    }
}
