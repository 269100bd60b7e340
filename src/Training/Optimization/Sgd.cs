using System.Numerics.Tensors;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Optimization;

/// <summary>
/// Stochastic gradient descent over flat float32, as in PyTorch: the weight decay is added to the gradient, the momentum
/// buffer b = momentum · b + gradient starts as the first gradient, and theta - rate · b is the next theta.
/// </summary>
/// <param name="momentum">0 to below 1; without momentum there is no state.</param>
/// <param name="weightDecay">0 or more.</param>
public sealed class Sgd(double momentum = 0, double weightDecay = 0) : IMetaOptimizer
{
    /// <inheritdoc />
    public OptimizerState CreateState(ParameterLayout layout) =>
        new(0, momentum > 0 ? [new OptimizerSlot("momentum", ParameterVector.Zeros(layout))] : []);

    /// <inheritdoc />
    public (ParameterVector Parameters, OptimizerState State) Update(
        ParameterVector parameters, ParameterVector meanMetaGradient, OptimizerState state, double learningRate)
    {
        float[] direction = meanMetaGradient.Values.ToArray();
        float[] next = new float[direction.Length];
        if (weightDecay > 0)
        {
            TensorPrimitives.Multiply(parameters.Values, (float)weightDecay, next);
            TensorPrimitives.Add(direction, next, direction);
        }

        if (momentum > 0)
        {
            TensorPrimitives.Multiply(state.Slots[0].Values.Values, (float)momentum, next);
            TensorPrimitives.Add(direction, next, direction);
        }

        TensorPrimitives.Multiply(direction, (float)learningRate, next);
        TensorPrimitives.Subtract(parameters.Values, next, next);
        return (new ParameterVector(parameters.Layout, next), new OptimizerState(
            state.Updates + 1, momentum > 0 ? [new OptimizerSlot("momentum", new ParameterVector(parameters.Layout, direction))] : []));
    }
}
