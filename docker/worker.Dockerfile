# A worker: computes meta-gradients with libtorch (64-bit x86).
#   docker build -f docker/worker.Dockerfile -t metamap-worker .
#   docker build -f docker/worker.Dockerfile -t metamap-worker:cuda --build-arg TORCH_BACKEND=cuda .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TORCH_BACKEND=cpu
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/ src/
RUN dotnet publish src/Cli/Cli.csproj -c Release -r linux-x64 --no-self-contained -p:TorchBackend=$TORCH_BACKEND -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app
COPY docker/metamap /usr/local/bin/metamap
USER $APP_UID
WORKDIR /tmp
# As ./metamap sets it: the garbage collector stops the lanes less often.
ENV DOTNET_GCgen0size=0x2000000
ENTRYPOINT ["metamap"]
CMD ["worker"]
