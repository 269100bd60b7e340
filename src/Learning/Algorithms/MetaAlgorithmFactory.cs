using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Training;

namespace MetaMap.Learning.Algorithms;

/// <summary>The algorithms of <see cref="AlgorithmCatalog"/>, ready to compute.</summary>
public static class MetaAlgorithmFactory
{
    /// <summary>Creates the algorithm that a run asks for.</summary>
    /// <exception cref="ConfigurationException">The name is unknown.</exception>
    public static IMetaAlgorithm Create(RunOptions options) => options.Algorithm switch
    {
        AlgorithmCatalog.Maml => new Maml(new MamlOptions(options.InnerLr, options.InnerSteps)),
        AlgorithmCatalog.Fomaml => new Fomaml(new FomamlOptions(options.InnerLr, options.InnerSteps)),
        _ => throw new ConfigurationException(
            $"There is no algorithm '{options.Algorithm}'; choose one of {string.Join(", ", AlgorithmCatalog.Names)}."),
    };
}
