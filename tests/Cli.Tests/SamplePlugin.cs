using System.Diagnostics;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests;

/// <summary>The plug-in of <c>samples/Plugin</c>, built by a real <c>dotnet build</c> against the command under test.</summary>
public sealed class SamplePlugin : IAsyncLifetime, IDisposable
{

    private readonly TemporaryDirectory _folder = new();

    /// <summary>The built assembly.</summary>
    public string File => _folder["out/SamplePlugin.dll"];

    public async Task InitializeAsync()
    {
        // Sources only: what a build in the repository has left there is not this build's.
        string project = Path.Combine(_folder.Path, "Plugin");
        Directory.CreateDirectory(project);
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("samples", "Plugin")).Where(file => Path.GetExtension(file) is ".cs" or ".csproj"))
        {
            System.IO.File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        }

        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = project };
        foreach (string argument in (string[])
            ["build", "-c", "Release", "-m:1", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false",
            $"-p:MetaMapDirectory={Path.GetDirectoryName(Repository.Program)}", "-o", _folder["out"]])
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(TestTime.Limit);
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, output);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>A copy that says it was built against MetaMap.Core 9.8.7.6.</summary>
    internal string CopyForOtherVersion()
    {
        byte[] bytes = System.IO.File.ReadAllBytes(File);
        using PEReader image = new(new MemoryStream(bytes));
        MetadataReader metadata = image.GetMetadataReader();
        AssemblyReferenceHandle core = metadata.AssemblyReferences.First(
            handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "MetaMap.Core");
        int row = image.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
            + (MetadataTokens.GetRowNumber(core) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef);
        byte[] version = [9, 0, 8, 0, 7, 0, 6, 0];
        version.CopyTo(bytes, row);
        System.IO.File.WriteAllBytes(_folder["OtherVersion.dll"], bytes);
        return _folder["OtherVersion.dll"];
    }
}
