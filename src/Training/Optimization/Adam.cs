using System.Numerics.Tensors;
using MetaMap.Core.Parameters;

namespace MetaMap.Training.Optimization;

/// <summary>
/// Adam (Kingma and Ba 2015, algorithm 1) over flat float32, with beta 0.9 and 0.999 and epsilon 1e-8 added to the
/// bias-corrected root, as PyTorch does. With a weight decay it is AdamW (Loshchilov and Hutter 2019, algorithm 2): theta
/// shrinks by rate · decay beside the step.
/// </summary>
/// <param name="weightDecay">Decoupled weight decay, 0 or more.</param>
internal sealed class Adam(double weightDecay = 0) : IMetaOptimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    /// <inheritdoc />
    public OptimizerState CreateState(ParameterLayout layout) =>
        new(0, [new OptimizerSlot("m", ParameterVector.Zeros(layout)), new OptimizerSlot("v", ParameterVector.Zeros(layout))]);

    /// <inheritdoc />
    public (ParameterVector Parameters, OptimizerState State) Update(
        ParameterVector parameters, ParameterVector meanMetaGradient, OptimizerState state, double learningRate)
    {
        int updates = state.Updates + 1;
        ReadOnlySpan<float> gradient = meanMetaGradient.Values;
        float[] scratch = new float[gradient.Length];

        float[] m = new float[gradient.Length];
        TensorPrimitives.Multiply(state.Slots[0].Values.Values, (float)Beta1, m);
        TensorPrimitives.Multiply(gradient, (float)(1 - Beta1), scratch);
        TensorPrimitives.Add(m, scratch, m);

        float[] v = new float[gradient.Length];
        TensorPrimitives.Multiply(state.Slots[1].Values.Values, (float)Beta2, v);
        TensorPrimitives.Multiply(gradient, gradient, scratch);
        TensorPrimitives.Multiply(scratch, (float)(1 - Beta2), scratch);
        TensorPrimitives.Add(v, scratch, v);

        // theta - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
        TensorPrimitives.Sqrt(v, scratch);
        TensorPrimitives.Divide(scratch, (float)Math.Sqrt(1 - Math.Pow(Beta2, updates)), scratch);
        TensorPrimitives.Add(scratch, Epsilon, scratch);
        TensorPrimitives.Divide(m, scratch, scratch);
        TensorPrimitives.Multiply(scratch, (float)(learningRate / (1 - Math.Pow(Beta1, updates))), scratch);
        float[] next = new float[gradient.Length];
        TensorPrimitives.Subtract(parameters.Values, scratch, next);
        if (weightDecay > 0)
        {
            TensorPrimitives.Multiply(parameters.Values, (float)(learningRate * weightDecay), scratch);
            TensorPrimitives.Subtract(next, scratch, next);
        }

        ParameterLayout layout = parameters.Layout;
        return (new ParameterVector(layout, next), new OptimizerState(
            updates,
            [new OptimizerSlot("m", new ParameterVector(layout, m)), new OptimizerSlot("v", new ParameterVector(layout, v))]));
    }
}
