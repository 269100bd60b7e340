using System.Xml.Linq;

namespace MetaMap.Architecture.Tests;

public sealed class TorchBackendTests
{
    [Fact]
    public void Cuda_InLearning_ComesOnlyWithTheCudaBackend()
    {
        (string _, string conditions) = Assert.Single(
            ProjectFile.Of("Learning").ConditionalPackages, package => package.Package.Contains("cuda", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("'$(TorchBackend)' == 'cuda'", conditions);
    }

    [Fact]
    public void CpuLibraries_InLearning_ComeOnlyWithTheCpuBackendAndTheirPlatform()
    {
        var libraries = ProjectFile.Of("Learning").ConditionalPackages
            .Where(package => package.Package.StartsWith("libtorch-cpu", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(libraries);
        Assert.All(libraries, library =>
        {
            Assert.Contains("'$(TorchBackend)' == 'cpu'", library.Conditions);
            Assert.Contains("IsOSPlatform", library.Conditions);
        });
    }

    [Fact]
    public void TorchSharp_InLearning_StaysOutOfTheProgramWithoutABackend()
    {
        XElement package = Assert.Single(
            XDocument.Load(Repository.PathOf("src", "Learning", "Learning.csproj")).Descendants("PackageReference"),
            package => package.Attribute("Condition")?.Value == "'$(TorchBackend)' == 'none'");
        Assert.Equal(("TorchSharp", "native;runtime"), (package.Attribute("Include")?.Value, package.Attribute("ExcludeAssets")?.Value));
    }

    [Fact]
    public void NativeLibraries_OutsideLearning_AreNamedNowhere() => Assert.DoesNotContain(
        ProjectFile.Under("src").Concat(ProjectFile.Under("tests")).Where(project => !project.Path.EndsWith("Learning.csproj", StringComparison.Ordinal))
            .SelectMany(project => project.References),
        name => name.Contains("torch", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void TorchBackend_WithoutAChoice_IsCpu() => Assert.Contains(
        "<TorchBackend Condition=\"'$(TorchBackend)' == ''\">cpu</TorchBackend>", File.ReadAllText(Repository.PathOf("src", "Learning", "Learning.csproj")));
}
