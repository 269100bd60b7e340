using System.Numerics.Tensors;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Optimization;

/// <summary>Plain stochastic gradient descent over flat float32: theta - rate · gradient.</summary>
public sealed class Sgd : IMetaOptimizer
{
    /// <inheritdoc />
    public OptimizerState CreateState(ParameterLayout layout) => new(0, []);

    /// <inheritdoc />
    public (ParameterVector Parameters, OptimizerState State) Update(
        ParameterVector parameters, ParameterVector meanMetaGradient, OptimizerState state, double learningRate)
    {
        float[] next = new float[parameters.Values.Length];
        TensorPrimitives.Multiply(meanMetaGradient.Values, (float)learningRate, next);
        TensorPrimitives.Subtract(parameters.Values, next, next);
        return (new ParameterVector(parameters.Layout, next), state with { Updates = state.Updates + 1 });
    }
}
