using System.Reflection;

namespace MetaMap.Architecture.Tests;

public sealed class FloorTests
{
    public static TheoryData<Floor> Floors => [.. Floor.All];

    [Theory]
    [MemberData(nameof(Floors))]
    public void Assembly_OfEachFloor_RefersToNothingForbidden(Floor floor) => Assert.Empty(floor.AssemblyViolations());

    [Theory]
    [MemberData(nameof(Floors))]
    public void Types_OfEachFloor_UseNothingForbidden(Floor floor) => Assert.Empty(floor.TypeViolations());

    [Theory]
    [MemberData(nameof(Floors))]
    public void ProjectFile_OfEachFloor_NamesNothingForbidden(Floor floor) => Assert.Empty(floor.ProjectFileViolations());

    [Fact]
    public void Assembly_OfCore_RefersOnlyToTheBaseLibraryAndThreePackages()
    {
        string baseLibrary = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Assert.DoesNotContain(
            Assembly.Load("MetaMap.Core").GetReferencedAssemblies().Select(reference => reference.Name!),
            name => name is not ("System.Numerics.Tensors" or "StbImageSharp" or "CsvHelper") && !File.Exists(Path.Combine(baseLibrary, name + ".dll")));
    }

    [Fact]
    public void ProjectFile_OfCore_NamesThreePackagesOnly() =>
        Assert.Equal(["CsvHelper", "StbImageSharp", "System.Numerics.Tensors"], ProjectFile.Of("Core").References.Order(StringComparer.Ordinal));

    [Fact]
    public void Floors_EachSourceProjectButTheCommand_HasOne() => Assert.Equal(
        ProjectFile.Under("src").Select(project => Path.GetFileNameWithoutExtension(project.Path)).Where(name => name != "Cli"),
        Floor.All.Select(floor => floor.Project).Order(StringComparer.Ordinal));

    /// <summary>The rules would be worthless if they could not fail: what these projects do use is forbidden here.</summary>
    [Theory]
    [InlineData("Learning", "TorchSharp")]
    [InlineData("Learning", "MetaMap.Core")]
    [InlineData("Shared", "Akka")]
    [InlineData("Coordinator", "Microsoft.AspNetCore")]
    [InlineData("Cli", "MetaMap.Worker")]
    public void Violations_OfARuleThatIsBroken_AreFoundInEveryWay(string project, string used)
    {
        Floor broken = new(project, used);
        Assert.NotEmpty(broken.AssemblyViolations());
        Assert.NotEmpty(broken.TypeViolations());
        Assert.NotEmpty(broken.ProjectFileViolations());
    }
}
