using MetaMap.Learning.Native;
using MetaMap.Testing;

namespace MetaMap.Learning.Tests.Native;

public sealed class LibtorchTests
{
    [Theory]
    [InlineData("version.py", "from typing import Optional\n\n__all__ = ['__version__']\n__version__ = '2.11.0+cu130'\ndebug = False\n", "2.11.0+cu130")]
    [InlineData("build-version", "2.10.0+cu128\n", "2.10.0+cu128")]
    [InlineData("other", "2.10.0", null)]
    public void VersionIn_FoldersOfPyTorchAndOfArchives_ReadsIt(string file, string content, string? version)
    {
        using TemporaryDirectory root = new();
        File.WriteAllText(root[file], content);
        Assert.Equal(version, Libtorch.VersionIn(Directory.CreateDirectory(root["lib"]).FullName));
    }

    [Theory]
    [InlineData("2.11.0+cu130", true, "2.11.0+cu130, /torch/lib, for CUDA 13.0")]
    [InlineData("2.7.0+cu128", true, "2.7.0+cu128, /torch/lib, for CUDA 12.8")]
    [InlineData("2.11.0", true, "2.11.0, /torch/lib, for CUDA")]
    [InlineData("2.11.0+cpu", false, "2.11.0+cpu, /torch/lib, for processors only")]
    [InlineData(null, false, "of unknown version, /torch/lib, for processors only")]
    public void ToString_EachKind_SaysVersionPlaceAndCuda(string? version, bool hasCuda, string expected) =>
        Assert.Equal(expected, new Libtorch("/torch/lib", version, hasCuda).ToString());
}
