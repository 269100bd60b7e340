using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests;

/// <summary>y = w·x without bias, in float64: everything about it can be written down. The features are the inputs.</summary>
internal sealed class LinearNetwork(int inputs) : IModel
{
    public ParameterSchema Schema { get; } =
        new([new ParameterDefinition("head.weight", Initializers.Zeros, ParameterRole.Head, 1, inputs)]);

    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) => pass.Modulate(inputs);

    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => features.matmul(parameters[0].t());

    /// <summary>One input number per example.</summary>
    public static EpisodeProblem Problem(double[] supportInputs, double[] supportTargets, double[] queryInputs, double[] queryTargets) => new(
        new LinearNetwork(1),
        new EpisodeTensors(Column(supportInputs), Column(supportTargets), Column(queryInputs), Column(queryTargets)),
        Loss.MeanSquaredError);

    public static torch.Tensor[] Theta(params double[] weights) => [torch.tensor(weights).reshape(1, weights.Length).requires_grad_()];

    private static torch.Tensor Column(double[] values) => torch.tensor(values).reshape(values.Length, 1);
}
