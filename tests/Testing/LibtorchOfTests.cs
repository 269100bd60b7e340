using System.Runtime.CompilerServices;
using MetaMap.Learning.Native;

namespace MetaMap.Testing;

/// <summary>Tests use tensors without a learner, so libtorch is there before the first test.</summary>
internal static class LibtorchOfTests
{
#pragma warning disable CA2255 // A test project is a program; this is the beginning of its Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Load() => TorchRuntime.Initialize();
}
