using System.Runtime.CompilerServices;
using MetaMap.Learning;

namespace MetaMap.Testing;

/// <summary>Tests name datasets, models and algorithms as users do, so these are there before the first test.</summary>
internal static class BuiltInPartsOfTests
{
    // A test project is a program; this is the beginning of its Main.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Add() => BuiltInParts.Add();
}
