using System.Runtime.CompilerServices;
using MetaMap.Learning.Native;

namespace MetaMap.Learning.Tests;

internal static class TestProcess
{
    [ModuleInitializer]
    public static void Initialize() => TorchRuntime.Initialize();
}
