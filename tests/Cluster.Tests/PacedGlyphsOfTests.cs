using System.Runtime.CompilerServices;
using MetaMap.PacedGlyphs;
using MetaMap.Training.Configuration;

namespace MetaMap.Cluster.Tests;

/// <summary>The tests' own plug-in, for this process and for all that it starts.</summary>
internal static class PacedGlyphsOfTests
{
#pragma warning disable CA2255 // A test project is a program; this is the beginning of its Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Add()
    {
        PartRegistry.Add(new PacedGlyphDefinition());
        Environment.SetEnvironmentVariable("METAMAP_PLUGINS", typeof(PacedGlyphDefinition).Assembly.Location);
    }
}
