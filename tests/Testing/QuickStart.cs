using System.Runtime.CompilerServices;

namespace MetaMap.Testing;

/// <summary>
/// Tests start some hundred nodes that live for seconds: they leave out what pays in long runs only (counting calls to compile code
/// again, and memory that is never writable and executable at once), a fifth of such a node's processor time.
/// </summary>
internal static class QuickStart
{
#pragma warning disable CA2255 // A test project is a program; this is the beginning of its Main.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Set()
    {
        // For the processes that this one starts; its own runtime has read them already.
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCounting", "0");
        Environment.SetEnvironmentVariable("DOTNET_EnableWriteXorExecute", "0");
    }
}
