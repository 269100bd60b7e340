using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Positions among the meta-parameters of MAML++ (<see cref="MamlPlusPlusDefinition"/> lays them out).</summary>
internal sealed class PerStepLayout
{
    private readonly ImmutableArray<int> _norms;
    private readonly ImmutableArray<int> _scales;
    private readonly int _firstStatistic;

    /// <summary>The layout for a network.</summary>
    public PerStepLayout(IModel model)
    {
        ImmutableArray<ParameterDefinition> network = model.Schema.Definitions;
        _norms = [.. Positions(network, MamlPlusPlusDefinition.IsBatchNorm)];
        _scales = [.. Positions(network, MamlPlusPlusDefinition.IsBatchNormScale)];
        Adapting = [.. Positions(network, parameter => !MamlPlusPlusDefinition.IsBatchNorm(parameter))];
        FirstRate = network.Length;
        _firstStatistic = FirstRate + Adapting.Length;
    }

    /// <summary>Positions of the weights that adapt: all but scale and shift of batch norm.</summary>
    public ImmutableArray<int> Adapting { get; }

    /// <summary>Position of the first rate.</summary>
    public int FirstRate { get; }

    /// <summary>Number of batch-norm layers.</summary>
    public int NormLayers => _scales.Length;

    /// <summary>Position of the running mean of a batch-norm layer; its variance is the next.</summary>
    public int Mean(int normLayer) => _firstStatistic + 2 * normLayer;

    /// <summary>For every scale of batch norm the position of its running mean.</summary>
    /// <param name="layers">The network's.</param>
    /// <exception cref="InvalidOperationException">The network names its batch norm differently.</exception>
    public ImmutableDictionary<int, int> RunningMeans(IEnumerable<LayerPlan> layers) => layers.OfType<LayerPlan.Convolution>()
        .All(layer => _scales.Contains(layer.Gain) && _norms.Contains(layer.Shift))
        ? _scales.Select((scale, normLayer) => KeyValuePair.Create(scale, Mean(normLayer))).ToImmutableDictionary()
        : throw WrongName();

    /// <summary>The same meta-parameters, with the running statistics detached, so that they need no gradient.</summary>
    public torch.Tensor[] WithConstantStatistics(IReadOnlyList<torch.Tensor> metaParameters) =>
        [.. metaParameters.Select((parameter, position) => position < _firstStatistic ? parameter : parameter.detach())];

    /// <summary>Replaces scale and shift of all steps by those of the given step; later steps use the last.</summary>
    public void SelectNorms(torch.Tensor[] network, int innerSteps)
    {
        foreach (int position in _norms)
        {
            network[position] = Row(network[position], innerSteps);
        }
    }

    /// <summary>The batch-norm layer that a network's scale belongs to.</summary>
    /// <param name="network">The parameters that the network runs with.</param>
    /// <param name="scale">One of them.</param>
    /// <exception cref="InvalidOperationException">It is not the scale of a batch norm: the network names its batch norm differently.</exception>
    public int NormLayer(IReadOnlyList<torch.Tensor> network, torch.Tensor scale)
    {
        for (int i = 0; i < _scales.Length; i++)
        {
            if (ReferenceEquals(network[_scales[i]], scale))
            {
                return i;
            }
        }

        throw WrongName();
    }

    /// <summary>The row of a step; later steps use the last.</summary>
    public static torch.Tensor Row(torch.Tensor perStep, int innerSteps) => perStep.select(0, Math.Min(innerSteps, perStep.shape[0] - 1));

    private static InvalidOperationException WrongName() =>
        new("A batch norm has a scale that is no parameter named norm….weight; rename it in the model's definition.");

    private static IEnumerable<int> Positions(ImmutableArray<ParameterDefinition> network, Func<ParameterDefinition, bool> fits) =>
        Enumerable.Range(0, network.Length).Where(i => fits(network[i]));
}
