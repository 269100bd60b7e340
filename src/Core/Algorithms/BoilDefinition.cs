using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Body only update in the inner loop (Oh et al. 2021): the head stays.</summary>
public sealed class BoilDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "boil";

    /// <inheritdoc />
    public string Summary => "MAML whose inner loop moves everything but the head (Oh et al. 2021)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads => MamlDefinition.InnerLoopOptions;

    /// <inheritdoc />
    /// <remarks>As MAML's; the paper uses inner rate 0.5 under the mean loss (appendix A).</remarks>
    public RunOptions Defaults => MamlDefinition.InnerLoopDefaults;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.Outputs(options)));
        return network.Any(parameter => parameter.Role == ParameterRole.Body)
            ? network
            : throw new ConfigurationException($"Algorithm {Name} adapts the body, but model {options.Model} is a head alone; give it a hidden layer or use maml.");
    }
}
