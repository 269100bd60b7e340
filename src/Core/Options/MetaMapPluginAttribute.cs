namespace MetaMap.Core.Options;

/// <summary>
/// Offers a part to MetaMap: <c>[assembly: MetaMapPlugin(typeof(MyModel))]</c>, once for each. Built-in parts are offered in
/// the same way. Read on every node, even on those without a native tensor library.
/// </summary>
/// <param name="part">
/// A class with a public parameterless constructor that is a definition of a dataset, a model or an algorithm, or an
/// <see cref="IPartFamily"/> of them.
/// </param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class MetaMapPluginAttribute(Type part) : Attribute
{
    /// <summary>The class.</summary>
    public Type Part => part;
}
