namespace MetaMap.Core.Plugins;

/// <summary>
/// Offers a definition to MetaMap: <c>[assembly: MetaMapPlugin(typeof(MyModelDefinition))]</c>, once for each. Read on
/// every node, also on those without a tensor library.
/// </summary>
/// <param name="definition">
/// A class with a public constructor without parameters that is an <see cref="Models.IModelDefinition"/>, an
/// <see cref="Algorithms.IAlgorithmDefinition"/> or an <see cref="Data.IDatasetDefinition"/>.
/// </param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class MetaMapPluginAttribute(Type definition) : Attribute
{
    /// <summary>The definition's class.</summary>
    public Type Definition => definition;
}

/// <summary>
/// Offers the computations of an assembly's models and algorithms: <c>[assembly: MetaMapComputations(typeof(MyComputations))]</c>.
/// Stands here and not in the learning library, so that an assembly's other attributes can be read without it.
/// </summary>
/// <param name="computations">A class with a public constructor without parameters that is an <c>IPluginComputations</c> of the learning library.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class MetaMapComputationsAttribute(Type computations) : Attribute
{
    /// <summary>The computations' class.</summary>
    public Type Computations => computations;
}
