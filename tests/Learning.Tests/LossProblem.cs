using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests;

/// <summary>A differentiable scalar loss of explicit parameters.</summary>
/// <param name="parameters">Meta-parameters or fast weights, in layout order.</param>
internal delegate torch.Tensor ParameterLoss(IReadOnlyList<torch.Tensor> parameters);

/// <summary>Two losses of explicit parameters as an episode: the "network" gives the loss itself.</summary>
internal static class LossProblem
{
    /// <param name="support">What the inner loop descends.</param>
    /// <param name="query">What the outer loop descends.</param>
    /// <param name="schema">For algorithms that ask for the purpose of parameters; one body parameter of 4 values when absent.</param>
    public static EpisodeProblem Of(ParameterLoss support, ParameterLoss query, ParameterSchema? schema = null)
    {
        torch.Tensor supportMark = torch.zeros(1);
        torch.Tensor queryMark = torch.ones(1);
        var model = new LossModel(parameters => support(parameters), parameters => query(parameters), supportMark, schema ?? OneParameter(4));
        return new EpisodeProblem(model, new EpisodeTensors(supportMark, supportMark, queryMark, queryMark), new OutputAsLoss());
    }

    public static ParameterSchema OneParameter(int length) =>
        new([new ParameterDefinition("w", Initializers.Zeros, ParameterRole.Body, length)]);

    private sealed class LossModel(ParameterLoss support, ParameterLoss query, torch.Tensor supportMark, ParameterSchema schema) : IModel
    {
        public ParameterSchema Schema => schema;

        public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass) =>
            ReferenceEquals(inputs, supportMark) ? support(parameters) : query(parameters);

        public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) => features;
    }

    private sealed class OutputAsLoss : Loss
    {
        public override torch.Tensor Mean(torch.Tensor outputs, torch.Tensor targets) => outputs;
    }
}
