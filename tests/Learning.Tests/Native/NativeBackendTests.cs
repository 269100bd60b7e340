using MetaMap.Learning.Native;

namespace MetaMap.Learning.Tests.Native;

public sealed class NativeBackendTests
{
    [Fact]
    public void Explain_OldCppRuntime_NamesTheVersionAndTheRemedy()
    {
        string message = NativeBackend.Explain(
            "Unable to load shared library 'LibTorchSharp' or one of its dependencies.\n"
            + "/app/LibTorchSharp.so: cannot open shared object file: No such file or directory\n"
            + "/usr/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)\n");
        Assert.StartsWith(
            "TorchSharp needs a newer C++ runtime: /usr/lib/x86_64-linux-gnu/libstdc++.so.6 lacks GLIBCXX_3.4.32; start MetaMap through ./metamap",
            message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_MissingDependency_NamesIt()
    {
        string message = NativeBackend.Explain(
            "Unable to load shared library 'torch_cpu' or one of its dependencies.\n"
            + "libgomp.so.1: cannot open shared object file: No such file or directory\n"
            + "/app/torch_cpu.so: cannot open shared object file: No such file or directory\n");
        Assert.Contains("needs libgomp.so.1, which this system lacks", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_NoLibrary_SaysWhereItWasSought()
    {
        string message = NativeBackend.Explain(
            "Unable to load shared library 'torch_cpu' or one of its dependencies.\n"
            + "/app/libtorch_cpu.so: cannot open shared object file: No such file or directory\n");
        Assert.StartsWith($"libtorch is not in {AppContext.BaseDirectory}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_FileOfAFolder_SaysWhatTheLoaderSays() => Assert.Equal(
        "The libtorch in /app/libtorch cannot be used: /app/libtorch/libc10.so: invalid ELF header. TorchSharp 0.107 works with libtorch 2.10 and 2.11.",
        NativeBackend.Explain("Unable to load shared library 'libc10.so' or one of its dependencies.\n/app/libtorch/libc10.so: invalid ELF header\n", "/app/libtorch"));
}
