using MetaMap.Core.Options;
using MetaMap.Data.Glyphs;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Training.Configuration;

[assembly: MetaMapPlugin(typeof(MamlFamilyVariants))]
[assembly: MetaMapPlugin(typeof(MamlPlusPlusDefinition))]
[assembly: MetaMapPlugin(typeof(ReptileDefinition))]
[assembly: MetaMapPlugin(typeof(ImamlDefinition))]
[assembly: MetaMapPlugin(typeof(CaviaDefinition))]
[assembly: MetaMapPlugin(typeof(FeatureOffsetDefinition))]
[assembly: MetaMapPlugin(typeof(ProtonetDefinition))]
[assembly: MetaMapPlugin(typeof(AlpacaDefinition))]
[assembly: MetaMapPlugin(typeof(PretrainDefinition))]
[assembly: MetaMapPlugin(typeof(SupervisedDefinition))]
[assembly: MetaMapPlugin(typeof(Conv4Networks))]
[assembly: MetaMapPlugin(typeof(CnnDefinition))]
[assembly: MetaMapPlugin(typeof(MlpDefinition))]
[assembly: MetaMapPlugin(typeof(ResNet12Definition))]
[assembly: MetaMapPlugin(typeof(HogConv4Definition))]
[assembly: MetaMapPlugin(typeof(TextCnnDefinition))]
[assembly: MetaMapPlugin(typeof(TextNGramsDefinition))]
[assembly: MetaMapPlugin(typeof(RatingsMlpDefinition))]

namespace MetaMap.Learning;

/// <summary>The built-in datasets, algorithms and networks.</summary>
public static class BuiltInParts
{
    private static readonly Lazy<bool> _added = new(() =>
    {
        PartRegistry.AddFrom(typeof(GlyphDefinition).Assembly);
        PartRegistry.AddFrom(typeof(BuiltInParts).Assembly);
        return true;
    });

    /// <summary>Adds them to <see cref="PartRegistry"/>, once, whatever the number of calls. Loads nothing native.</summary>
    public static void Add() => _ = _added.Value;
}
