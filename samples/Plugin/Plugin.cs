using MetaMap.Core.Options;
using SamplePlugin;

[assembly: MetaMapPlugin(typeof(TemperatureMlpDefinition))]
[assembly: MetaMapPlugin(typeof(SignMamlDefinition))]
