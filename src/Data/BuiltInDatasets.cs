using MetaMap.Core.Options;
using MetaMap.Data.Csv;
using MetaMap.Data.Glyphs;
using MetaMap.Data.Idx;
using MetaMap.Data.Images;
using MetaMap.Data.Omniglot;
using MetaMap.Data.Ratings;
using MetaMap.Data.Sinusoid;
using MetaMap.Data.Texts;

[assembly: MetaMapPlugin(typeof(GlyphDefinition))]
[assembly: MetaMapPlugin(typeof(OmniglotDefinition))]
[assembly: MetaMapPlugin(typeof(SinusoidDefinition))]
[assembly: MetaMapPlugin(typeof(IdxDatasets))]
[assembly: MetaMapPlugin(typeof(ImageFolderDefinition))]
[assembly: MetaMapPlugin(typeof(TextDefinition))]
[assembly: MetaMapPlugin(typeof(RatingsDefinition))]
[assembly: MetaMapPlugin(typeof(CsvDefinition))]
