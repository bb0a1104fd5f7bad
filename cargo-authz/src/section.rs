//! The bytes of the section `.authz` in a built file: ELF, Mach-O, PE, COFF and WebAssembly, and
//! archives and universal binaries of them.
//!
//! The file is never run, and of a large one only the tables and the section are read. Absent on
//! purpose: the meaning of the bytes, see [`record`](crate::record).

use std::fs::File;
use std::path::Path;

use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::read::{ReadCache, ReadRef};
use object::{FileKind, Object as _, ObjectSection as _};

use crate::failure::Failure;

/// The greatest section that is read, in bytes. 10,000 functions take about 2 MiB.
pub const MAX_SECTION: u64 = 64 << 20;

/// The greatest file that has to be read whole, in bytes: WebAssembly, and parts of an archive.
pub const MAX_WHOLE: u64 = 512 << 20;

/// The content of the sections of one program.
pub type Sections = Vec<Vec<u8>>;

/// The content of every section of records in the file at `path`: one list, or in a universal
/// binary one for each processor.
///
/// # Errors
///
/// When the file can't be read, is no program, has no such section, or one that is too large.
pub fn read(path: &Path) -> Result<Vec<Sections>, Failure> {
    let file = File::open(path).map_err(|error| Failure::unreadable(path, error))?;
    let metadata = file.metadata().map_err(|error| Failure::unreadable(path, error))?;
    if metadata.is_dir() {
        let reason = "it is a directory".to_owned();
        return Err(Failure::NotAProgram { path: path.to_owned(), reason });
    }
    let cache = ReadCache::new(file);
    let mut search =
        Search { path, length: metadata.len(), programs: Vec::new(), found: Vec::new(), size: 0 };
    search.any(&cache)?;
    search.end_of_program();
    if search.programs.is_empty() {
        return Err(Failure::NoSection { path: path.to_owned() });
    }
    Ok(search.programs)
}

struct Search<'a> {
    path: &'a Path,
    length: u64,
    programs: Vec<Sections>,
    found: Sections,
    size: u64,
}

impl Search<'_> {
    fn any<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), Failure> {
        match FileKind::parse(data).map_err(|error| self.no_program(error))? {
            FileKind::Archive => self.archive(data),
            FileKind::MachOFat32 => {
                let fat = MachOFatFile32::parse(data).map_err(|error| self.no_program(error))?;
                self.universal(data, fat.arches())
            }
            FileKind::MachOFat64 => {
                let fat = MachOFatFile64::parse(data).map_err(|error| self.no_program(error))?;
                self.universal(data, fat.arches())
            }
            kind => {
                if kind == FileKind::Wasm {
                    self.limit(self.length, MAX_WHOLE)?;
                }
                self.object(data)
            }
        }
    }

    /// The parts of one program for several processors.
    fn universal<'data, R: ReadRef<'data>>(
        &mut self,
        data: R,
        parts: &[impl FatArch],
    ) -> Result<(), Failure> {
        for part in parts {
            self.limit(part.size().into(), MAX_WHOLE)?;
            let bytes = part.data(data).map_err(|error| self.no_program(error))?;
            self.object(bytes)?;
            self.end_of_program();
        }
        Ok(())
    }

    fn end_of_program(&mut self) {
        let found = std::mem::take(&mut self.found);
        if !found.is_empty() {
            self.programs.push(found);
        }
    }

    /// The objects of a library; whatever else lies beside them, such as metadata, is passed over.
    fn archive<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), Failure> {
        let archive = ArchiveFile::parse(data).map_err(|error| self.no_program(error))?;
        for member in archive.members() {
            let member = member.map_err(|error| self.no_program(error))?;
            self.limit(member.size(), MAX_WHOLE)?;
            let bytes = member.data(data).map_err(|error| self.no_program(error))?;
            if object::File::parse(bytes).is_ok() {
                self.object(bytes)?;
            }
        }
        Ok(())
    }

    fn object<'data, R: ReadRef<'data>>(&mut self, data: R) -> Result<(), Failure> {
        let file = object::File::parse(data).map_err(|error| self.no_program(error))?;
        for section in file.sections() {
            // `__DATA,__authz` on Apple's systems, `.authz` elsewhere.
            if !matches!(section.name_bytes(), Ok(b".authz" | b"__authz")) {
                continue;
            }
            self.size = self.size.saturating_add(section.size());
            self.limit(self.size, MAX_SECTION)?;
            let bytes = section.data().map_err(|error| self.no_program(error))?;
            self.found.push(bytes.to_vec());
        }
        Ok(())
    }

    fn limit(&self, found: u64, limit: u64) -> Result<(), Failure> {
        if found <= limit {
            return Ok(());
        }
        let what = format!("what has to be read of `{}`", self.path.display());
        Err(Failure::TooLarge { what, found, limit, remedy: "is it a program of yours?" })
    }

    fn no_program(&self, error: object::Error) -> Failure {
        let reason = error.to_string().to_lowercase();
        Failure::NotAProgram { path: self.path.to_owned(), reason }
    }
}
