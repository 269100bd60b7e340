using System.Collections.Immutable;
using MetaMap.Core.Configuration;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;

namespace MetaMap.Core.Algorithms;

/// <summary>Almost no inner loop (Raghu et al. 2020): only the head adapts.</summary>
public sealed class AnilDefinition : IAlgorithmDefinition
{
    /// <inheritdoc />
    public string Name => "anil";

    /// <inheritdoc />
    public string Summary => "MAML whose inner loop moves the head only (Raghu et al. 2020)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads => MamlDefinition.InnerLoopOptions;

    /// <inheritdoc />
    /// <remarks>As MAML's, which the paper takes over (appendix B.1).</remarks>
    public RunOptions Defaults => MamlDefinition.InnerLoopDefaults;

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape)
    {
        ImmutableArray<ParameterDefinition> network = ModelCatalog.Parameters(options.ModelSpec(shape.Input, shape.Outputs(options)));
        return network.Any(parameter => parameter.Role == ParameterRole.Head)
            ? network
            : throw new ConfigurationException($"Algorithm {Name} adapts the head, but model {options.Model} has none; use maml.");
    }
}
