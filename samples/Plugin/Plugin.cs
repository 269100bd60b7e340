using MetaMap.Core.Plugins;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Plugins;
using SamplePlugin;

// What every node must know: names, options and meta-parameters.
[assembly: MetaMapPlugin(typeof(TemperatureMlpDefinition))]
[assembly: MetaMapPlugin(typeof(SignMamlDefinition))]
// What nodes that compute need beside it.
[assembly: MetaMapComputations(typeof(Computations))]

namespace SamplePlugin;

/// <summary>The computations, under the names of their definitions.</summary>
public sealed class Computations : IPluginComputations
{
    /// <inheritdoc />
    public void Add()
    {
        ModelFactory.Add(TemperatureMlpDefinition.ModelName, (spec, _) => new TemperatureMlp(spec));
        MetaAlgorithmFactory.Add(SignMamlDefinition.AlgorithmName, (options, _) => new SignMaml(options.InnerLr!.Value, options.InnerSteps!.Value));
    }
}
