@echo off
rem Starts the command line from the zip's layout; bin/maskfeat says why each setting is there.
rem MASKFEAT_JAVA_OPTS adds JVM options. Jars in the folder that MASKFEAT_LIB names are added to the class path.
setlocal DisableDelayedExpansion

set "LIB=%~dp0..\lib"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
if not exist "%LIB%\maskfeat-cli-*.jar" (
    echo maskfeat: there is no maskfeat-cli jar in "%LIB%"; unpack the zip whole 1>&2
    exit /b 1
)
"%JAVA%" -version >nul 2>&1
if errorlevel 1 (
    echo maskfeat: no java found; install a JDK, 17 or newer, or set JAVA_HOME 1>&2
    exit /b 1
)

set "BLAS=openblas"
if exist "%LIB%\mkl-*.jar" set "BLAS=mkl"
set "ADDED="
if defined MASKFEAT_LIB set "ADDED=;%MASKFEAT_LIB%\*"
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"

"%JAVA%" -Dorg.bytedeco.javacpp.maxBytes=0 -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 ^
    -Dorg.bytedeco.openblas.load=%BLAS% -Djava.awt.headless=true --enable-native-access=ALL-UNNAMED ^
    -Dmaskfeat.launcher="%~n0" %MASKFEAT_JAVA_OPTS% -cp "%LIB%\*%ADDED%" maskfeat.Main %*
exit /b %ERRORLEVEL%
